import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "./writeFile.ts";

const receiptSchema = z.strictObject({
  /** ISO 8601. */
  passedAt: z.iso.datetime(),
  seed: z.number(),
  /** Head of the chain of evidence of the drill. */
  evidenceHead: z.string().regex(/^0x[0-9a-f]{64}$/),
  /** Version of the program that drilled. */
  version: z.string().min(1),
});

/** Proof that a drill passed. */
export type DrillReceipt = z.output<typeof receiptSchema>;

export function receiptPath(dataDir: string): string {
  return join(dataDir, "drill.json");
}

/** Leaves the receipt of a drill that passed in `dataDir`. */
export function writeDrillReceipt(dataDir: string, receipt: DrillReceipt): void {
  replaceFile(receiptPath(dataDir), `${JSON.stringify(receiptSchema.parse(receipt))}\n`);
}

/** The receipt in `dataDir`; undefined when there is none or it cannot be read. */
export function readDrillReceipt(dataDir: string): DrillReceipt | undefined {
  if (!existsSync(receiptPath(dataDir))) return undefined;
  try {
    return receiptSchema.parse(JSON.parse(readFileSync(receiptPath(dataDir), "utf8")));
  } catch {
    return undefined;
  }
}
