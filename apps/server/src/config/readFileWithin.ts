import { closeSync, openSync, readSync } from "node:fs";

const mostBytes = 64 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/**
 * The bytes of the file that a person named, or of a pipe to its end. What is longer than 64 MiB, or has no end as /dev/zero, is
 * not read on: the memory would end before. Throws FileTooLong and what the system throws.
 */
export function readFileWithin(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let bytes = 0; bytes <= mostBytes; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const count = readSync(file, chunk, 0, chunkBytes, null);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      bytes += count;
    }
    throw new FileTooLong();
  } finally {
    closeSync(file);
  }
}

/** The same as text in UTF-8. */
export function readTextWithin(path: string): string {
  return readFileWithin(path).toString("utf8");
}

/** The file is longer than anything that is read. Its message is a part of a sentence, as those of the system are. */
export class FileTooLong extends Error {
  override readonly name = "FileTooLong";
  constructor() {
    super(`it has more than ${mostBytes} bytes, or no end`);
  }
}
