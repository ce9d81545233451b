/**
 * Unified kernel images: a PE program whose sections hold a kernel, a ramdisk, a command line and a tree
 * (uapi-group.org, "Unified Kernel Image"; Microsoft, "PE Format"). Signatures are not verified, and add-ons
 * are not read. Of several profiles it is the first, which is taken where none is asked for: its sections take the place of
 * those before all profiles (systemd, src/boot/pe.c, pe_locate_profile_sections).
 */
import { type ByteSource, sliceSource, startsWith, viewOf } from '../bytes/source.ts';

export interface Uki {
  readonly kernel: ByteSource;
  readonly initrd: ByteSource | undefined;
  readonly dtb: ByteSource | undefined;
  /** Trees of which the firmware takes the one for its board. */
  readonly automaticTrees: number;
  readonly cmdline: string;
  /** From os-release: `PRETTY_NAME`, `IMAGE_ID` or `ID`, and the version by which images are ordered. */
  readonly title: string | undefined;
  readonly imageId: string | undefined;
  readonly version: string | undefined;
}

const SECTION_BYTES = 40;
const SECTION_LIMIT = 96;
const TEXT_LIMIT_BYTES = 1 << 16;
const HEADER_LIMIT_BYTES = 1 << 20;

/** `undefined` where this is no PE program, or one without a section `.linux`. */
export function readUki(source: ByteSource): Uki | undefined {
  const head = source.read(0, 64);
  if (head.length < 64 || !startsWith(head, [0x4d, 0x5a])) return undefined;
  const at = viewOf(head).getUint32(0x3c, true);
  const coff = at > HEADER_LIMIT_BYTES ? new Uint8Array(0) : source.read(at, 24).slice();
  if (coff.length < 24 || !startsWith(coff, [0x50, 0x45, 0, 0])) return undefined;
  const view = viewOf(coff);
  const count = Math.min(view.getUint16(6, true), SECTION_LIMIT);
  const tableAt = at + 24 + view.getUint16(20, true);
  const [base, ofProfile] = [new Map<string, ByteSource>(), new Map<string, ByteSource>()];
  let profiles = 0;
  let automaticTrees = 0;
  for (let index = 0; index < count; index++) {
    const bytes = source.read(tableAt + index * SECTION_BYTES, SECTION_BYTES).slice();
    if (bytes.length < SECTION_BYTES) break;
    const name = new TextDecoder('latin1').decode(bytes.subarray(0, 8)).replace(/\0.*$/s, '');
    if (name === '.profile') profiles += 1;
    if (profiles > 1) break;
    const section = viewOf(bytes);
    const [virtualBytes, rawBytes] = [section.getUint32(8, true), section.getUint32(16, true)];
    const range = { base: section.getUint32(20, true), size: Math.min(virtualBytes || rawBytes, rawBytes) };
    if (name === '.dtbauto') automaticTrees += 1;
    const sections = profiles === 0 ? base : ofProfile;
    if (!sections.has(name)) sections.set(name, sliceSource(source, range, `${source.path}: ${name}`));
  }
  const sections = new Map([...base, ...ofProfile]);
  const kernel = sections.get('.linux');
  if (kernel === undefined) return undefined;
  const text = (name: string): string => {
    const section = sections.get(name);
    const bytes = section?.read(0, Math.min(section.sizeBytes, TEXT_LIMIT_BYTES)) ?? new Uint8Array(0);
    return new TextDecoder().decode(bytes).replace(/\0.*$/s, '');
  };
  const release = text('.osrel');
  const ofRelease = (key: string): string | undefined =>
    new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(release)?.[1];
  return {
    kernel,
    initrd: sections.get('.initrd'),
    dtb: sections.get('.dtb'),
    automaticTrees,
    cmdline: text('.cmdline').trim(),
    title: ofRelease('PRETTY_NAME'),
    imageId: ofRelease('IMAGE_ID') ?? ofRelease('ID'),
    version: ofRelease('IMAGE_VERSION') ?? ofRelease('VERSION_ID') ?? (text('.uname').trim() || undefined),
  };
}
