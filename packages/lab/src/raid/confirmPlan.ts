// A find on an engine that is not ours, before anybody is told.
import type { Address } from "@testudo/core/model/Hex";
import { confirmOn, type Peer } from "../capsule/confirmOn.ts";
import type { Capsule } from "../record/Capsule.ts";
import { isBroken } from "./isBroken.ts";
import { figureIn, readOfFigure } from "./readFigure.ts";
import type { Figure, Scenario } from "./Scenario.ts";
import { worthOf } from "./worthOf.ts";

/** Whether another engine came to the same, and what it did otherwise. */
export interface Confirmed {
  readonly engine: string;
  readonly ok: boolean;
  readonly difference: string | null;
  /** It could not be run there, as `difference` says: nothing is known, and nothing speaks against the find. */
  readonly notRun?: true;
}

/** What a find claims. */
export interface Claim {
  readonly scenario: Pick<Scenario, "assets">;
  /** His accounts. */
  readonly accounts: readonly Address[];
  /** After what it cost, both in the unit of account, WAD. */
  readonly gainWad: bigint;
  readonly costWad: bigint;
  /** What it breaks, where that is its objective. */
  readonly figure?: Figure;
}

/**
 * Runs the transactions of `capsule` on `peer`: the same must come of each, his accounts must gain what is claimed, and the figure
 * must be broken. What cannot be run there is not confirmed; nothing is thrown for it.
 */
export async function confirmPlan(peer: Peer, capsule: Capsule, claim: Claim): Promise<Confirmed> {
  const engine = peer.name;
  try {
    const difference = await differenceOn(peer, capsule, claim);
    return { engine, ok: difference === null, difference };
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { engine, ok: false, difference: line!, notRun: true };
  }
}

async function differenceOn(peer: Peer, capsule: Capsule, claim: Claim): Promise<string | null> {
  const { scenario, accounts, gainWad, costWad, figure } = claim;
  const watch = scenario.assets.flatMap(({ token }) =>
    accounts.map((holder) => (token === undefined ? { holder } : { holder, token })),
  );
  const ask = figure === undefined ? [] : [readOfFigure(figure)];
  const { difference, holdings, answers } = await confirmOn(peer, capsule, { watch, ask });
  if (difference !== null) return told(difference);
  const worth = (side: "before" | "after"): bigint =>
    worthOf(
      scenario,
      { accounts },
      holdings.map((holding) => holding[side] ?? 0n),
    );
  const gained = worth("after") - worth("before") - costWad;
  if (gained < gainWad) return `expected a gain of ${gainWad}, got ${gained}`;
  if (figure === undefined) return null;
  const value = figureIn(figure, answers[0]!);
  return isBroken(figure, value) ? null : `"${figure.name}" is ${value}, and not broken`;
}

function told({ tx, expected, got }: { tx: number | null; expected: string; got: string }): string {
  return `${tx === null ? "a holding" : `transaction ${tx + 1}`}: expected ${expected}, got ${got}`;
}
