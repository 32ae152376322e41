import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sleep } from "@testudo/chain/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Program } from "@testudo/core/model/Program";
import { hashOf } from "@testudo/core/model/Record";
import { z } from "zod";
import { sumOf } from "../store/checksums.ts";
import type { Store } from "../store/Store.ts";

/** Parts of a configuration by name, each as a hash: what may be compared and tells no secret. */
export type Fingerprints = Readonly<Record<string, string>>;

const key = "configuration";
const keptSchema = z.object({ parts: z.record(z.string(), z.string()), sum: z.string() });

/** The fingerprints of what `program` runs: each detector with its settings and code, playbooks, policy, protected set. */
export function fingerprintsOf(program: Program): Fingerprints {
  const rules = program.detectors.map(
    ({ meta, settings, detect }) => [`detector ${meta.id}`, textHash([meta, settings, `${detect}`])] as const,
  );
  const plays = program.playbooks.map(
    (playbook) => [`playbook ${playbook.id}`, textHash([playbook, `${playbook.matches}`, `${playbook.plan}`])] as const,
  );
  return {
    ...Object.fromEntries([...rules, ...plays]),
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

/** What watching the configuration's file needs. */
export interface FileWatch {
  readonly file: string;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly everyMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Tells each change of `file` while the watch runs with what it was. Its imports are not followed. Resolves when `signal` is
 * aborted.
 */
export async function watchConfigFile({ file, tell, everyMs = 5_000, signal }: FileWatch): Promise<void> {
  let last = await fileHash(file);
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    const now = await fileHash(file);
    if (signal.aborted || now === last) continue;
    last = now;
    const what = now === "absent" ? "was removed" : "was changed";
    const message = `"${file}" ${what} while the watch runs. What is in force is what was read at the start, until the next one.`;
    tell({ kind: "trouble", trouble: "config-edited", endpoint: "configuration file", message });
  }
}

async function fileHash(file: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  } catch {
    return "absent";
  }
}
