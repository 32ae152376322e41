import { maxPauseSeconds } from "@testudo/core/governance/policyCheck";
import type { RuleAction } from "@testudo/core/model/Action";
import { timeText } from "@testudo/core/model/timeText";
import type { Proposal } from "./Proposal.ts";

/** What a guardian knows for sure from elsewhere. */
export interface Pins {
  readonly council?: string | undefined;
  readonly chainId?: number | undefined;
}

/** Throws SigningRefused when nobody should sign the pause `proposal` at `now` (Unix seconds). */
export function assertSignable(proposal: Proposal, pins: Pins, now: bigint): void {
  const reason = refusalOf(proposal, pins, now);
  if (reason !== undefined) throw new SigningRefused(proposal.action.id, reason);
}

/**
 * Throws SigningRefused when nobody should sign that the rule `proposal` is taken back at `now`. That gives users their
 * function back, and the attacker too: whether the attack is over is for people to know.
 */
export function assertClearable(proposal: Proposal, pins: Pins, now: bigint): asserts proposal is RuleProposal {
  const { action } = proposal;
  const reason = mismatchOf(proposal, pins);
  if (reason !== undefined) throw new SigningRefused(action.id, reason);
  if (action.type !== "guardRule") throw new SigningRefused(action.id, "it is a pause, which the timelock releases");
  if (action.until <= now) throw new SigningRefused(action.id, `its rule ended at ${timeText(action.until)}`);
}

/** A rule that a program put in force, or is about to. */
export type RuleProposal = Proposal & { readonly action: RuleAction };

function mismatchOf({ action, isActionIntact }: Proposal, pins: Pins): string | undefined {
  if (!isActionIntact) return "its id is not the hash of its content: it was altered";
  if (pins.chainId !== undefined && pins.chainId !== action.chainId)
    return `it is for chain ${action.chainId}, you named ${pins.chainId}`;
  if (pins.council !== undefined && pins.council.toLowerCase() !== action.council)
    return `it is for council ${action.council}, you named ${pins.council}`;
  return undefined;
}

function refusalOf(proposal: Proposal, pins: Pins, now: bigint): string | undefined {
  const { action, simulation, state } = proposal;
  const mismatch = mismatchOf(proposal, pins);
  if (mismatch !== undefined) return mismatch;
  if (action.type !== "pause") return "it is a guard rule within the policy's bounds, which nobody signs";
  if (simulation === undefined) return "it has not been simulated";
  if (!proposal.isSimulationIntact || simulation.action !== action.id)
    return "its simulation is of another action, or was altered";
  if (!simulation.passed) return `its simulation failed: ${simulation.note}`;
  if (state !== undefined && state !== "simulated") return `it is ${state} already`;
  if (action.deadline < now) return `its deadline was ${timeText(action.deadline)}`;
  if (action.until <= now) return `its pause would end at ${timeText(action.until)}, which is over`;
  if (action.until > now + BigInt(maxPauseSeconds))
    return `its pause would last until ${timeText(action.until)}, more than 72 h`;
  return undefined;
}

/** A proposal that nobody should sign. */
export class SigningRefused extends Error {
  override readonly name = "SigningRefused";
  constructor(action: string, reason: string) {
    super(
      `Not signed: action ${action}: ${reason}.\n` +
        "- Signed are only unaltered actions whose simulation passed, in time, for the chain and council you name.\n" +
        "- Ask the operator by another way than this server.",
    );
  }
}
