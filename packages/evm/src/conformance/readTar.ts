/** A regular file in an archive. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The files of a tar archive one after the other, as its bytes arrive; no more than one is held. Knows ustar, and the long
 * names of GNU and pax. Throws `TarBroken` for what is no archive or ends early.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const take = readerOf(chunks);
  let longName: string | undefined;
  for (;;) {
    const header = await take(block, "a header");
    // Two blocks of zeros end an archive; whatever follows is padding.
    if (header === undefined || header.every((byte) => byte === 0)) return;
    assertChecksum(header);
    const size = numberAt(header, 124, 12);
    const kind = String.fromCharCode(header[156]!);
    const bytes = size === 0 ? new Uint8Array(0) : await take(size, `${size} bytes of a file`);
    const padding = (block - (size % block)) % block;
    if (padding > 0) await take(padding, "padding");
    if (bytes === undefined) throw new TarBroken(`It ends before ${size} bytes of a file.`);
    if (kind === "L") longName = textAt(bytes, 0, bytes.length);
    else if (kind === "x") longName = pathOfPax(bytes) ?? longName;
    else {
      // "0" and NUL are regular files; folders, links and the rest hold no tests.
      if (kind === "0" || kind === "\0") yield { name: longName ?? nameOf(header), bytes };
      longName = undefined;
    }
  }
}

const block = 512;

/** A function that gives the next so many bytes; undefined at the very end, an error within. */
function readerOf(chunks: AsyncIterable<Uint8Array>) {
  const source = chunks[Symbol.asyncIterator]();
  let held: Uint8Array[] = [];
  let length = 0;
  return async (size: number, what: string): Promise<Uint8Array | undefined> => {
    while (length < size) {
      const { done, value } = await source.next();
      if (done === true) {
        if (length === 0) return undefined;
        throw new TarBroken(`It ends within ${what}.`);
      }
      held.push(value);
      length += value.length;
    }
    const all = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = [all.subarray(size)];
    length -= size;
    return all.subarray(0, size);
  };
}

function assertChecksum(header: Uint8Array): void {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== numberAt(header, 148, 8)) throw new TarBroken("The checksum of a header is wrong.");
}

function numberAt(bytes: Uint8Array, at: number, length: number): number {
  const digits = textAt(bytes, at, length).trim();
  if (/^[0-7]*$/.test(digits)) return Number.parseInt(digits || "0", 8);
  throw new TarBroken(`A header has ${JSON.stringify(digits)} for a number.`);
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString("utf8");
}

function nameOf(header: Uint8Array): string {
  const prefix = textAt(header, 257, 5) === "ustar" && header[263] === 0x30 ? textAt(header, 345, 155) : "";
  const name = textAt(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

// Records of "length key=value\n", the length counting itself, in bytes.
function pathOfPax(bytes: Uint8Array): string | undefined {
  let at = 0;
  while (at < bytes.length) {
    const length = Number.parseInt(textAt(bytes, at, 20), 10);
    if (!(length > 0)) return undefined;
    const [, key, value] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(textAt(bytes, at, length)) ?? [];
    if (key === "path") return value;
    at += length;
  }
  return undefined;
}

/** An archive is none, or is cut off. Not retryable. */
export class TarBroken extends Error {
  override readonly name = "TarBroken";
  constructor(what: string) {
    super(`${what}\n- A tar archive was expected.\n- Fetch it anew, or give the folder that it was made of.`);
  }
}
