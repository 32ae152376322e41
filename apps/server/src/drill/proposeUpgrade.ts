// What a defender's machine does once the guard holds: records the attack from the node, mends the source by a template, and
// tries the mended code against the attack and everybody else's transactions.
import { join } from "node:path";
import { findReceipt } from "@testudo/chain/act/sendAction";
import type { Hex } from "@testudo/core/model/Hex";
import type { UpgradePatch } from "@testudo/lab/patch/Patch";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { recordCapsule } from "../capsule/recordCapsule.ts";
import { replaceFile } from "../operator/writeFile.ts";
import type { Attacked } from "./Remediation.ts";
import type { Remedy } from "./Scenario.ts";
import type { Scene } from "./Scene.ts";

/** A proposal that holds, and what it took to make it. */
export interface ProposedUpgrade {
  readonly name: string;
  readonly ms: number;
}

// As many honest transactions around the attack as a person would take.
const benignMost = 40;

/** The first upgrade by a template that holds, written into the drill's folder; undefined where none does. */
export async function proposeUpgrade(
  { endpoint, options }: Scene,
  remedy: Remedy,
  attacked: Attacked,
): Promise<ProposedUpgrade | undefined> {
  options.onStage("the source is mended, and tried on the recorded attack");
  const start = performance.now();
  const capsule = await recordAttack(endpoint, remedy, attacked);
  const { writeCapsule } = await import("@testudo/lab/record/writeCapsule");
  replaceFile(join(options.dataDir, "attack.capsule"), writeCapsule(capsule));
  const patch = await firstThatHolds(capsule, remedy);
  if (patch === undefined) return undefined;
  const { writePatch } = await import("@testudo/lab/patch/writePatch");
  replaceFile(join(options.dataDir, "upgrade.patch.json"), writePatch(patch));
  return { name: patch.name, ms: Math.round(performance.now() - start) };
}

async function recordAttack(
  endpoint: Scene["endpoint"],
  { victim }: Remedy,
  { benign, attack }: Attacked,
): Promise<Capsule> {
  const succeeded = async (hash: Hex) => (await findReceipt(endpoint, [hash]))?.succeeded === true;
  // What the guard refused is no attack any more.
  const bad: Hex[] = [];
  for (const hash of attack) if (await succeeded(hash)) bad.push(hash);
  const capsule = await recordCapsule(endpoint, [...[...benign].slice(0, benignMost), ...bad]);
  const transactions = (capsule.transactions ?? []).map((tx) => ({
    ...tx,
    role: tx.hash !== undefined && bad.includes(tx.hash) ? ("attack" as const) : ("benign" as const),
  }));
  return { ...capsule, victim, transactions };
}

async function firstThatHolds(capsule: Capsule, { source }: Remedy): Promise<UpgradePatch | undefined> {
  const { candidateUpgrades } = await import("@testudo/lab/patch/candidateUpgrades");
  const { playBaseline } = await import("@testudo/lab/patch/playBaseline");
  const { simulatePatch } = await import("@testudo/lab/patch/simulatePatch");
  const baseline = await playBaseline(capsule);
  for (const { patch } of candidateUpgrades(baseline, source).candidates)
    if ((await simulatePatch(baseline, patch, { attackFirst: true })).ok) return patch;
  return undefined;
}
