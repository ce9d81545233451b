/** Sessions kept: as a file, and as a link where a payload's board and a request are all of it. */
import { opened, openPayloadBoard, payload, text } from './session.ts';
import { call } from './worker.ts';

/** In the address, before what the link holds. */
const LINK = 'session';

/** Hands a file to the person. */
export function download(name: string, content: Uint8Array): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([Uint8Array.from(content)]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A file's name from a session's. */
export function fileName(ending: string): string {
  const words = (opened.value?.title ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${words.replace(/^-|-$/g, '') || 'session'}${ending}`;
}

export async function downloadSession(): Promise<void> {
  download(fileName('.drivervm.zip'), await call('sessionFile'));
}

/** What a link's address holds, deflated and in base64. */
interface Linked {
  readonly board: string;
  readonly request: string;
}

/** The session as an address; `undefined` where a link can't hold it. */
export async function sessionLink(): Promise<string | undefined> {
  const board = boardOfPayload();
  if (opened.value?.isSmall !== true || board === undefined) return undefined;
  const linked: Linked = { board, request: text.value };
  const packed = await through(
    new TextEncoder().encode(JSON.stringify(linked)),
    new CompressionStream('deflate-raw'),
  );
  const word = btoa(String.fromCharCode(...packed))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  return `${location.href.replace(/#.*/, '')}#${LINK}=${word}`;
}

function boardOfPayload(): string | undefined {
  return payload.value?.boards.find(({ path }) => text.value.includes(`payload/${path}`))?.path;
}

/** Opens what the page's address holds; `false` where it holds nothing. */
export async function openLink(): Promise<boolean> {
  const [, word] = new RegExp(`^#${LINK}=([\\w-]+)$`).exec(location.hash) ?? [];
  if (word === undefined) return false;
  try {
    const packed = Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (each) =>
      each.charCodeAt(0),
    );
    const bytes = await through(packed, new DecompressionStream('deflate-raw'));
    const { board, request } = JSON.parse(new TextDecoder().decode(bytes)) as Linked;
    const known = payload.value?.boards.find(({ path }) => path === board);
    return known !== undefined && (await openPayloadBoard(board, known.model ?? board, request));
  } catch {
    return false;
  }
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const blob = new Blob([Uint8Array.from(bytes)]);
  return new Uint8Array(await new Response(blob.stream().pipeThrough(stream)).arrayBuffer());
}
