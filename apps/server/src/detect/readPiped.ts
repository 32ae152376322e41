import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { TooLarge } from "./TooLarge.ts";
import { TraceFault } from "./TraceFault.ts";
import { mostBytes } from "./traceLimits.ts";

/** What another program writes to our standard input, until it ends. Throws TraceFault, and AbortError when `signal` fires. */
export function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  if (process.stdin.isTTY)
    throw new TraceFault(
      "Standard input is a terminal.",
      "Allowed: what another program writes, or a file.",
      "Pipe a call tree into it: cast rpc … | testudo detect --trace -",
    );
  return readToEnd(process.stdin, signal);
}

/** What is written to the pipe that `descriptor` has open, which is closed with it. Throws as readStandardInput does. */
export function readPipe(descriptor: number, signal: AbortSignal): Promise<Buffer> {
  // Not as a file: reading would hold a thread until somebody writes, and no signal would end it.
  return readToEnd(new Socket({ fd: descriptor, readable: true, writable: false }), signal);
}

async function readToEnd(source: Readable, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of addAbortSignal(signal, source) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new TooLarge(`more than ${mostBytes}`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}
