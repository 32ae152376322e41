import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { parseTraceText } from "./parseTraceText.ts";
import { TraceFault } from "./TraceFault.ts";
import { mostBytes } from "./traceLimits.ts";

const unpack = promisify(gunzip);
const isFileError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "code" in error;

/** Reads a call tree from a file, plain or gzip whatever its name. Throws TraceFault. */
export async function readTraceFile(path: string): Promise<CallFrame> {
  const bytes = await readBytes(path);
  return parseTraceText((isGzip(bytes) ? await unpackBytes(bytes) : bytes).toString("utf8"));
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const stat = await file.stat();
      if (!stat.isFile())
        throw new TraceFault(
          `It is ${stat.isDirectory() ? "a folder" : "no regular file"}.`,
          "Allowed: a file with one call tree.",
          "Name the files in it.",
        );
      if (stat.size > mostBytes) throw new TooLarge(`${stat.size}`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TraceFault || !isFileError(error)) throw error;
    const what = error.code === "ENOENT" ? "There is no such file." : `It cannot be read: ${error.code}.`;
    throw new TraceFault(what, "Allowed: a file that this account may read.", "Check the name.", { cause: error });
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpackBytes(bytes: Buffer): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    if (isFileError(error) && error.code === "ERR_BUFFER_TOO_LARGE") throw new TooLarge(`more than ${mostBytes}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceFault(`It is no whole gzip file: ${reason}.`, "Allowed: gzip or plain JSON.", "Pack it again.", {
      cause: error,
    });
  }
}

/** More bytes than are read. */
class TooLarge extends TraceFault {
  constructor(bytes: string) {
    super(`It has ${bytes} bytes.`, `Allowed: up to ${mostBytes}, unpacked.`, "Trace one transaction into one file.");
  }
}
