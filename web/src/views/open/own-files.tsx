/** What a person brings: dropped, or chosen as files or as a folder. */
import { useSignal } from '@preact/signals';
import { chosenFiles, droppedFiles } from '../../session/given-files.ts';
import { openFiles } from '../../session/session.ts';
import type { GivenFile } from '../../worker/protocol.ts';

async function open(files: Promise<readonly GivenFile[]>): Promise<void> {
  const all = await files;
  if (all.length > 0) await openFiles(all);
}

export function OwnFiles() {
  const isOver = useSignal(false);
  const choose = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    if (currentTarget.files !== null) void open(chosenFiles(currentTarget.files));
  };
  return (
    <section
      class={`panel own ${isOver.value ? 'over' : ''}`}
      aria-labelledby="own-title"
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        if (event.dataTransfer !== null) void open(droppedFiles(event.dataTransfer));
      }}
    >
      <h2 id="own-title">Your own</h2>
      <p>
        Drop files or a folder here, or{' '}
        <label class="button">
          choose files
          <input class="visually-hidden" type="file" multiple onChange={choose} />
        </label>{' '}
        <label class="button">
          a folder
          <input
            class="visually-hidden"
            type="file"
            onChange={choose}
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
          />
        </label>
      </p>
      <dl class="forms">
        <dt>board</dt>
        <dd>
          <code>.dtb</code>, <code>.dts</code> with its includes, <code>/proc/device-tree</code> as a folder
          or archive
        </dd>
        <dt>image</dt>
        <dd>
          a disk image or what <code>payload collect</code> gathered: what it boots
        </dd>
        <dt>system</dt>
        <dd>
          <code>.system</code> with the board's <code>.dtb</code> beside it, or a project folder or zip
        </dd>
        <dt>request</dt>
        <dd>
          <code>.yaml</code> with what it names, or a session that was saved here
        </dd>
      </dl>
    </section>
  );
}
