import type { Evm, EvmMark, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { blockOf } from "../blockOf.ts";
import { openEvm as openOurs } from "../openEvm.ts";
import { watchState } from "../watchedState.ts";
import { type Applied, applyPatch, type PatchScene, patchScene } from "./applyPatch.ts";
import { type Asked, noteAsked } from "./askedState.ts";
import type { Gate } from "./Gate.ts";
import { AttackerPatched } from "./NotPlayable.ts";
import type { Patch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { readState, type StateReading } from "./readState.ts";

export interface TrialOptions {
  /** Selectors that no rule may touch; default: the capsule's. */
  readonly exempt?: readonly Hex[];
  readonly openEvm?: OpenEvm;
  /** Gates that were made before for the same capsule. */
  readonly gates?: readonly Gate[];
}

/** An engine on which a patch is in force, or failed to be. */
export interface Trial {
  readonly id: Hex;
  readonly evm: Evm;
  readonly gates: readonly Gate[];
  readonly scene: PatchScene;
  readonly overridden: StateSource;
  readonly asked: Asked;
  readonly applied: Applied;
  /** Where the patch is in force and nothing else has run. */
  readonly mark: EvmMark;
  readonly inForce: StateReading;
}

/** Puts `patch` in force. Throws `AttackerPatched`, `GateRefused`, or what a replay throws. */
export async function openTrial(
  { capsule, placed, attack }: Baseline,
  patch: Patch,
  options: TrialOptions,
): Promise<Trial> {
  const his = targetsOf(patch).find((target) => attack.party.includes(target));
  if (his !== undefined) throw new AttackerPatched(his);
  const { openEvm = openOurs, exempt = capsule.exempt ?? [] } = options;
  const id = hashOf(patch);
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  const scene = await patchScene(capsule, patch, block, openEvm, options.gates);
  const { accounts, gates } = scene;
  const overridden = watchState({ ...capsule, accounts }).source;
  const { source, asked } = noteAsked(overridden);
  const evm = await openEvm(source, block);
  const applied = await applyPatch(evm, capsule, patch, { block, exempt, evidence: id });
  const inForce = await readState(evm, asked);
  return { id, evm, gates, scene, overridden, asked, applied, mark: evm.snapshot(), inForce };
}

/** The contracts whose calls or code `patch` changes by itself. */
function targetsOf(patch: Patch): readonly Address[] {
  if (patch.kind === "guardRule") return patch.rules.map(({ target }) => target);
  return patch.kind === "upgrade" ? [patch.target] : [];
}
