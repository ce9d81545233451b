/** Whether a page of the cluster's memory holds nothing: what a snapshot asks of all RAM. */
import { add, i32, ltUnsigned } from '../meaning/integer.ts';
import { helper } from '../meaning/meaning.ts';
import { pure } from '../meaning/value.ts';
import { GUEST_PAGE_BYTES } from './memory-map.ts';

const VECTOR_BYTES = 16;
/** Looked at between two questions. */
const STRETCH_BYTES = 128;

/** (page) → 1 if all of it is zero. */
export const isZeroPage = helper('isZeroPage', ['i32'], 'i32', (c, page) => {
  const at = c.temporary(page);
  const end = c.let(add(page, i32(GUEST_PAGE_BYTES)));
  c.while(ltUnsigned(at, end), () => {
    const vectors = Array.from({ length: STRETCH_BYTES / VECTOR_BYTES }, (_, index) =>
      c.memory('v128.load', add(at, i32(index * VECTOR_BYTES))),
    );
    const all = vectors.reduce((a, b) => pure('v128.or', a, b));
    c.if(pure('v128.any_true', all), () => c.return(i32(0)));
    c.assign(at, add(at, i32(STRETCH_BYTES)));
  });
  return i32(1);
});
