import { isAscii } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { parseTraceText } from "./parseTraceText.ts";
import { readPipe, readStandardInput } from "./readPiped.ts";
import { TooLarge } from "./TooLarge.ts";
import { TraceFault } from "./TraceFault.ts";
import { mostBytes } from "./traceLimits.ts";

// No byte of deflate unpacks to more than so many.
const mostRatio = 1_032;
const leastPiece = 64;

const isFileError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "code" in error;

/** The name that stands for standard input, as other programs have it. */
const standardInput = "-";

/**
 * Reads a call tree from a file, a pipe or, for "-", standard input, plain or gzip whatever its name. Files not by way of
 * other threads: they are read one after the other, and waiting for a thread takes longer than most of them. Throws
 * TraceFault, and AbortError where `signal` fires while a pipe is waited for.
 */
export async function readTraceFile(path: string, signal: AbortSignal): Promise<CallFrame> {
  const bytes = path === standardInput ? await readStandardInput(signal) : await readBytes(path, signal);
  return parseTraceText(textOf(isGzip(bytes) ? unpackBytes(bytes) : bytes));
}

function readBytes(path: string, signal: AbortSignal): Buffer | Promise<Buffer> {
  const file = opened(path);
  let isPipe = false;
  try {
    const stat = fstatSync(file);
    isPipe = stat.isFIFO();
    if (isPipe) return readPipe(file, signal);
    if (!stat.isFile())
      throw new TraceFault(
        `It is ${stat.isDirectory() ? "a folder" : "neither a file nor a pipe"}.`,
        "Allowed: a file with one call tree.",
        "Name the files in it.",
      );
    if (stat.size > mostBytes) throw new TooLarge(`${stat.size}`);
    return readFileSync(file);
  } catch (error) {
    throw unreadable(error);
  } finally {
    if (!isPipe) closeSync(file);
  }
}

function opened(path: string): number {
  try {
    // A pipe that nobody writes to would hold the opening for ever.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): unknown {
  if (error instanceof TraceFault || !isFileError(error)) return error;
  const what = error.code === "ENOENT" ? "There is no such file." : `It cannot be read: ${error.code}.`;
  return new TraceFault(what, "Allowed: a file that this account may read.", "Check the name.", { cause: error });
}

/** Trees are ASCII but for a contract's own words, and that is copied where UTF-8 is decoded. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpackBytes(bytes: Buffer): Buffer {
  // The file's last word says how long it was. In one piece nothing is put together again; where it lies, in several.
  const said = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  const chunkSize = Math.max(leastPiece, Math.min(said + 1, bytes.length * mostRatio, mostBytes));
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes, chunkSize });
  } catch (error) {
    if (isFileError(error) && error.code === "ERR_BUFFER_TOO_LARGE") throw new TooLarge(`more than ${mostBytes}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceFault(`It is no whole gzip file: ${reason}.`, "Allowed: gzip or plain JSON.", "Pack it again.", {
      cause: error,
    });
  }
}
