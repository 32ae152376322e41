import { createHash } from "node:crypto";
import type { Program } from "@testudo/core/model/Program";
import { hashOf } from "@testudo/core/model/Record";
import { z } from "zod";
import { sumOf } from "../store/checksums.ts";
import type { Store } from "../store/Store.ts";

/** Parts of a configuration by name, each as a hash: what may be compared and tells no secret. */
export type Fingerprints = Readonly<Record<string, string>>;

const key = "configuration";
const keptSchema = z.object({ parts: z.record(z.string(), z.string()), sum: z.string() });

/**
 * The fingerprints of what `program` runs beside its detectors: playbooks with their code, policy, calibration, protected set.
 * Which detectors run is kept by the pipeline (DET-06), for they may change while it does.
 */
export function fingerprintsOf(program: Program): Fingerprints {
  const plays = program.playbooks.map(
    (playbook) => [`playbook ${playbook.id}`, textHash([playbook, `${playbook.matches}`, `${playbook.plan}`])] as const,
  );
  return {
    ...Object.fromEntries(plays),
    policy: hashOf(program.policy),
    calibration: program.calibration?.id ?? "none",
    composite: hashOf(program.composite ?? null),
    protected: hashOf([program.watched, program.ignoredAssets ?? []]),
  };
}

// Settings are the operator's and may hold what canonical JSON refuses, functions above all; their text will do.
function textHash(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" || typeof inner === "function" ? `${inner}` : inner,
  );
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Keeps `parts` and returns what differs from those of the start before, one sentence part each; nothing at the first start. A
 * kept text that is not what was written counts as a change of everything.
 */
export async function noteConfiguration(store: Store, parts: Fingerprints): Promise<readonly string[]> {
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  const text = JSON.stringify(parts);
  const value = JSON.stringify({ parts, sum: sumOf(key, text) });
  await store.db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((c) => c.column("key").doUpdateSet({ value }))
    .execute();
  return row === undefined ? [] : differences(row.value, parts);
}

/** What `noteConfiguration` kept of the last start; undefined where nothing was, or it was altered. */
export async function readConfiguration(store: Store): Promise<Fingerprints | undefined> {
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row && readKept(row.value);
}

function differences(kept: string, parts: Fingerprints): readonly string[] {
  const before = readKept(kept);
  if (before === undefined) return ["what was kept of the last start was altered from outside"];
  const names = [...new Set([...Object.keys(before), ...Object.keys(parts)])].sort();
  return names.flatMap((name) => {
    if (before[name] === parts[name]) return [];
    if (parts[name] === undefined) return [`${name} was removed`];
    return [`${name} was ${before[name] === undefined ? "added" : "changed"}`];
  });
}

function readKept(kept: string): Fingerprints | undefined {
  try {
    const { parts, sum } = keptSchema.parse(JSON.parse(kept));
    return sum === sumOf(key, JSON.stringify(parts)) ? parts : undefined;
  } catch {
    return undefined;
  }
}
