/** A picture that the library drew, in a frame that scrolls and that a person can enlarge. */
import { useSignal } from '@preact/signals';
import { PICTURE_CSS } from '../../../src/picture/palette.ts';
import type { DrawnPicture } from '../worker/pictures.ts';
import './drawn.css';

const STEP = 1.25;
const [SMALLEST, LARGEST] = [0.2, 4];

export function Drawn({ picture, name }: { readonly picture: DrawnPicture; readonly name: string }) {
  const scale = useSignal(1);
  const change = (factor: number): void => {
    scale.value = Math.min(LARGEST, Math.max(SMALLEST, scale.value * factor));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === '+' || event.key === '=') change(STEP);
    else if (event.key === '-') change(1 / STEP);
    else if (event.key === '0') scale.value = 1;
    else return;
    event.preventDefault();
  };
  return (
    <div class="drawn">
      <div class="tools">
        <button type="button" aria-label={`${name}: smaller`} onClick={() => change(1 / STEP)}>
          −
        </button>
        <span class="data">{Math.round(scale.value * 100)} %</span>
        <button type="button" aria-label={`${name}: larger`} onClick={() => change(STEP)}>
          +
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="paper" tabIndex={0} aria-label={name} onKeyDown={onKeyDown}>
        <style>{PICTURE_CSS + picture.css}</style>
        <div
          style={{ zoom: scale.value }}
          // The library made it: all text in it is escaped.
          dangerouslySetInnerHTML={{ __html: picture.svg }}
        />
      </section>
    </div>
  );
}
