/** What a person drops on the page or chooses: files and folders, read into memory. */
import type { GivenFile } from '../worker/protocol.ts';

/** Chosen files; of a folder, with their paths in it. */
export async function chosenFiles(files: FileList): Promise<readonly GivenFile[]> {
  return Promise.all(
    [...files].map(async (file) => ({
      path: file.webkitRelativePath || file.name,
      content: new Uint8Array(await file.arrayBuffer()),
    })),
  );
}

/** Dropped files, and all that dropped folders hold. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly GivenFile[]> {
  // All entries at once: they are gone after the first wait.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<readonly GivenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ''), content: new Uint8Array(await file.arrayBuffer()) }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: GivenFile[] = [];
  for (;;) {
    // A hundred entries at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const each of some) files.push(...(await filesOf(each)));
  }
}
