// The last ranking of a scenario, as a small file: what it is compared with when it is made again.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Threat } from "@testudo/core/risk/attack/Threat";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import { replaceFile } from "../operator/writeFile.ts";

/** The one version of the format that is read and written. */
const format = "testudo-threats/1";

/** Threats in their order, and which scenario they are of. */
export interface Ranking {
  readonly path: string;
  readonly scenario: string;
  readonly threats: readonly KnownThreat[];
}

/** A threat, and when a search found it last; rankings that were made before that was kept do not say. */
export interface KnownThreat extends Threat {
  readonly seen?: Seen;
}

export interface Seen {
  /** When the run ended, ISO 8601. */
  readonly at: string;
  /** How many calls that run made. */
  readonly calls: number;
  /** What it breaks, where that is its objective. */
  readonly figure: string | null;
}

const number = z.number().finite();
const containment = z.strictObject({
  name: z.string(),
  cost: number,
  gain: number,
  expectedProfit: number,
  contains: z.boolean(),
});
const chance = z.discriminatedUnion("model", [
  z.strictObject({ model: z.literal("always") }),
  z.strictObject({ model: z.literal("stated"), probability: number, by: z.string() }),
  z.strictObject({
    model: z.literal("move"),
    move: number,
    motion: z.strictObject({ sigma: number, mu: number }),
    seconds: number,
  }),
]);
const threat = z.strictObject({
  rank: z.int().min(1),
  id: z.string(),
  cost: number,
  gain: number,
  probability: number,
  chance,
  headroom: number.optional(),
  expectedProfit: number,
  defence: containment.optional(),
  seen: z.strictObject({ at: z.iso.datetime(), calls: z.int().min(0), figure: z.string().nullable() }).optional(),
});
const file = z.strictObject({ format: z.literal(format), scenario: z.string(), threats: z.array(threat).max(100_000) });

/** Where the ranking of `scenario` is kept, and what was kept there; undefined where it is made for the first time. Throws UsageError. */
export function readRanking(folder: string, scenario: string): { readonly path: string; readonly last?: Ranking } {
  const path = join(folder, `ranking-${createHash("sha256").update(scenario).digest("hex").slice(0, 12)}.json`);
  if (!existsSync(path)) return { path };
  const parsed = file.safeParse(parse(path));
  if (!parsed.success) throw new RankingDamaged(path, `it is not of the format ${format}`);
  if (parsed.data.scenario !== scenario) throw new RankingDamaged(path, "it is another scenario's");
  return { path, last: { path, scenario, threats: parsed.data.threats as readonly KnownThreat[] } };
}

/** Replaces the ranking at once: a crash leaves the old one or the new one. */
export function writeRanking({ path, scenario, threats }: Ranking): void {
  replaceFile(path, `${JSON.stringify({ format, scenario, threats }, null, 2)}\n`);
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new RankingDamaged(path, cause instanceof Error ? cause.message : String(cause));
  }
}

/** The last ranking cannot be read. Not retryable as it is. */
export class RankingDamaged extends UsageError {
  override readonly name = "RankingDamaged";
  constructor(path: string, why: string) {
    super(
      `The last ranking "${path}" cannot be read: ${why}.`,
      "What is found is compared with it.",
      "Move the file away to begin anew.",
    );
  }
}
