import type { Evm, EvmMark, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import { type Applied, applyPatch, type PatchScene, patchScene } from "./applyPatch.ts";
import { type Asked, noteAsked } from "./askedState.ts";
import { behindGates, type Gate, isByGate } from "./Gate.ts";
import { AttackerPatched } from "./NotPlayable.ts";
import type { Patch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { readState, type StateReading } from "./readState.ts";
import { gateSlot, implementationSlot } from "./ruleSlots.ts";

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
  readonly scene: PatchScene;
  /** Where rules were set, and can be taken back. */
  readonly setOn: Evm;
  readonly overridden: StateSource;
  readonly asked: Asked;
  readonly applied: Applied;
  /** Where the patch is in force and nothing else has run. */
  readonly mark: EvmMark;
  readonly inForce: StateReading;
}

/** Puts `patch` in force. Throws `AttackerPatched`, `GateRefused`, or what a replay throws. */
export async function openTrial(
  { capsule, placed, attack, victims }: Baseline,
  patch: Patch,
  options: TrialOptions,
): Promise<Trial> {
  const his = targetsOf(patch).find((target) => attack.party.includes(target) || attack.unshared.includes(target));
  if (his !== undefined) throw new AttackerPatched(his, victims);
  const { openEvm = openOurs, exempt = capsule.exempt ?? [] } = options;
  const id = hashOf(patch);
  const block = blockOf(capsule, placed[0]!.tx.blockNumber);
  const scene = await patchScene(capsule, patch, block, openEvm, options.gates);
  const open = async (accounts: PatchScene["accounts"]) => {
    const overridden = watchState({ ...capsule, accounts }).source;
    const { source, asked } = noteAsked(overridden);
    return { overridden, asked, evm: await openEvm(source, block) };
  };
  const set = await open(scene.accounts);
  const applied = await applyPatch(set.evm, capsule, patch, { block, exempt, evidence: id });
  const inForce = await readState(set.evm, set.asked);
  const rest = { id, scene, applied, setOn: set.evm };
  if (!applied.ok || scene.gates.every(isByGate)) return { ...rest, ...set, mark: set.evm.snapshot(), inForce };
  const bare = await open(withRules(capsule, scene.gates, inForce));
  return { ...rest, ...bare, mark: bare.evm.snapshot(), inForce: new Map() };
}

/** The state with what the breaker has written, and no gate before contracts that enforce rules themselves. */
function withRules(capsule: Capsule, gates: readonly Gate[], inForce: StateReading): PatchScene["accounts"] {
  const ruled = behindGates(capsule, gates.filter(isByGate));
  for (const { victim } of gates) {
    const account = ruled.get(victim)!;
    const storage = new Map(account.storage);
    for (const [key, word] of inForce) {
      const [address, slot] = key.split(" ") as [Address, Hex | undefined];
      if (address === victim && slot !== undefined && !ownSlots.has(slot)) storage.set(slot, word);
    }
    ruled.set(victim, { ...account, storage });
  }
  return ruled;
}

// Of the gate that carried the words there.
const ownSlots: ReadonlySet<Hex> = new Set([gateSlot, implementationSlot]);

/** The contracts whose calls or code `patch` changes by itself. */
function targetsOf(patch: Patch): readonly Address[] {
  if (patch.kind === "guardRule") return patch.rules.map(({ target }) => target);
  return patch.kind === "upgrade" ? [patch.target] : [];
}
