/** When the run loop calls a record hot, by how often it was arrived at: a region is made of what is there, or found. */
import { type Expr, i32, op, type Stmt } from '../../wasm/index.ts';
import type { TranslationOptions } from '../contract.ts';

/** After how many arrivals, a power of two, a record is called hot, and whether regions may be there before. */
export type RunLoopTranslation = Pick<TranslationOptions, 'threshold' | 'kept'>;

/** After fewer arrivals a region that is there gains nothing. */
const EARLIEST = 16;
/** Those powers of two that are none. */
const NO_POWERS_OF_FOUR = 0xaaaa_aaaa | 0;

/** Every so many arrivals; where there may be a region already, from the sixteenth on also at powers of four. */
export function whenHot(
  visits: Expr<'i32'>,
  { threshold, kept }: RunLoopTranslation,
  hot: Stmt,
): readonly Stmt[] {
  const every = (count: number): Expr<'i32'> => op('i32.eqz', op('i32.and', visits, i32(count - 1)));
  const when = (condition: Expr<'i32'>, body: Stmt): Stmt => ({
    kind: 'if',
    condition,
    consequent: [body],
    alternate: [],
  });
  if (kept === undefined || threshold <= EARLIEST) return [when(every(threshold), hot)];
  const others = op('i32.and', visits, op('i32.sub', visits, i32(1)));
  const isPower = op('i32.eqz', op('i32.or', others, op('i32.and', visits, i32(NO_POWERS_OF_FOUR))));
  return [when(every(EARLIEST), when(op('i32.or', isPower, every(threshold)), hot))];
}
