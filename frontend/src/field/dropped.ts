/** The files of a drop, those in folders included. */

const MOST = 500;

/** Call it while the event is handled: later the browser has taken the list away. */
export function filesOf(transfer: DataTransfer): Promise<File[]> | File[] {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return plain;
  return inside(entries);
}

/** By name, folder after folder; nothing hidden. */
async function inside(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const files: File[] = [];
  const waiting = [...entries];
  while (waiting.length > 0 && files.length < MOST) {
    const entry = waiting.shift();
    if (!entry || entry.name.startsWith(".")) continue;
    if (entry.isFile) files.push(await fileOf(entry as FileSystemFileEntry));
    else waiting.unshift(...(await listed(entry as FileSystemDirectoryEntry)));
  }
  return files;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives a folder in parts, the last of which is empty. */
async function listed(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) break;
    found.push(...part);
  }
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
