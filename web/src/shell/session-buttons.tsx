/** Keeping a session: as a file, and as a link where it is small. */
import { useSignal } from '@preact/signals';
import { downloadSession, sessionLink } from '../session/keep.ts';
import { opened } from '../session/session.ts';

/** How long it is said that the link was copied. */
const SAID_MS = 2000;

export function SessionButtons() {
  const said = useSignal('');
  if (opened.value === undefined) return undefined;
  const copy = async () => {
    const link = await sessionLink();
    if (link === undefined) return;
    await navigator.clipboard.writeText(link).then(
      () => {
        said.value = 'copied';
      },
      // Without leave for the clipboard the link is where links are.
      () => history.replaceState(undefined, '', link),
    );
    setTimeout(() => {
      said.value = '';
    }, SAID_MS);
  };
  return (
    <>
      {opened.value.isSmall ? (
        <button class="plain" type="button" onClick={copy}>
          {said.value === '' ? 'Copy link' : said}
        </button>
      ) : undefined}
      <button class="plain" type="button" onClick={downloadSession}>
        Save session
      </button>
    </>
  );
}
