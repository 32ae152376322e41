// Verdicts that were judged, one a line, so that a long list goes on where it was stopped. What belongs to the list (labels, names)
// is not in it.
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { severities } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import type { JudgedCase } from "./Case.ts";

/** A verdict as it is kept. */
export type KeptVerdict = Pick<JudgedCase, "tx" | "has" | "findings" | "ms"> &
  Required<Pick<JudgedCase, "at" | "block">>;

/** Who judged, and where: verdicts of others are none of ours. */
export interface Judges {
  readonly chainId: number;
  readonly version: string;
  readonly detectors: { readonly [id: string]: string };
}

/** A file of verdicts that grows. */
export interface VerdictFile {
  readonly known: ReadonlyMap<Hex, KeptVerdict>;
  /** Stored when it returns. */
  keep(verdict: KeptVerdict): void;
  close(): void;
}

const format = "testudo-verdicts/1";
const hash = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value));
const address = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{40}$/.test(value));
const finding = z.strictObject({
  detector: z.string(),
  severity: z.enum(severities),
  class: z.enum(["anomaly", "damage", "invariant", "health", "vulnerability"]),
  subject: address,
  score: z.number(),
  reason: z.string(),
});
const line = z.strictObject({
  tx: hash,
  at: z.number(),
  block: z.number(),
  has: z.array(z.enum(["L", "X", "T", "S", "H"])),
  findings: z.array(finding),
  ms: z.number(),
});
const head = z.strictObject({
  format: z.literal(format),
  chainId: z.number(),
  version: z.string(),
  detectors: z.record(z.string(), z.string()),
});

/**
 * Opens the verdicts in `path`, or begins the file. A last line that a crash cut off is taken away. Throws UsageError where other
 * detectors judged, another chain was asked, or a line is no verdict.
 */
export function openVerdictFile(path: string, judges: Judges): VerdictFile {
  const own = `${JSON.stringify({ format, ...judges })}\n`;
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...rest] = whole.split("\n").slice(0, -1);
  if (first !== undefined) assertSame(path, first, own);
  const known = new Map(rest.map((one, i) => readLine(path, one, i + 2)));
  const file = openSync(path, "a", 0o600);
  ftruncateSync(file, Buffer.byteLength(whole));
  if (first === undefined) writeSync(file, own);
  return {
    known,
    keep(verdict) {
      writeSync(file, `${JSON.stringify(verdict)}\n`);
    },
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function assertSame(path: string, first: string, own: string): void {
  const read = head.safeParse(parsed(first));
  if (!read.success) throw notOurs(path, "its first line is not that of verdicts");
  const [found, needed] = [read.data, JSON.parse(own) as Judges];
  if (found.chainId !== needed.chainId)
    throw notOurs(path, `it is of chain ${found.chainId}, the node is on chain ${needed.chainId}`);
  if (`${first}\n` !== own) throw notOurs(path, "other detectors, or another version of them, judged it");
}

function readLine(path: string, text: string, number: number): readonly [Hex, KeptVerdict] {
  const read = line.safeParse(parsed(text));
  if (!read.success) throw notOurs(path, `line ${number} is no verdict`);
  return [read.data.tx, read.data];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notOurs(path: string, why: string): UsageError {
  return new UsageError(
    `"${path}" cannot be gone on with: ${why}.`,
    "Allowed: what this command wrote, of the same chain and detectors; one result is by one judge.",
    "Name another --out, or take the file away.",
  );
}
