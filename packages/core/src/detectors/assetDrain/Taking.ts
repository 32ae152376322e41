import { type DeployerOf, principalsOf } from "../../model/ActorCluster.ts";
import type { Plain } from "../../model/canonicalJson.ts";
import type { Address } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import { ringOf } from "../../model/Ring.ts";
import type { DrainSign } from "../../signs/DrainSign.ts";
import type { Leg } from "../../signs/Loss.ts";
import type { Judged } from "./Judged.ts";

/** What some actors took from a holder in a block, unexplained. */
export interface Taking {
  /** Unix seconds of the block. */
  readonly at: number;
  readonly actors: readonly Address[];
  readonly signs: readonly DrainSign[];
  readonly hasGain: boolean;
  readonly outs: readonly Leg[];
  readonly ins: readonly Leg[];
  readonly claim: number;
}

/** Takings kept of one holder; one a transaction, and older ones go first. */
const mostKept = 256;

/** A judged dealing as a taking. */
export function takingOf(deployerOf: DeployerOf, judged: Judged, at: number): Taking {
  const { signs, hasGain, owing, ins, claim } = judged;
  return { at, actors: actorsOfTaking(deployerOf, judged), signs, hasGain, outs: owing, ins, claim };
}

/** The takings from `holder` that are kept and not older than `since` (Unix seconds). */
export function takingsSince(memory: Memory, holder: Address, since: number): Taking[] {
  return (ringOf<Plain>(memory, `takings:${holder}`) as unknown as readonly Taking[]).filter((t) => t.at >= since);
}

export function keepTakings(memory: Memory, holder: Address, takings: readonly Taking[]): void {
  memory.set(`takings:${holder}`, takings.slice(-mostKept) as unknown as Plain);
}

/**
 * By whom takings are told to belong together: the sender or the owner of the smart account, contracts that were seen to
 * be made, and who made them. An old contract may be a router that says nothing about who acts.
 */
function actorsOfTaking(deployerOf: DeployerOf, { dealing, cluster }: Judged): Address[] {
  const actors = principalsOf(dealing.view);
  for (const member of cluster) {
    const deployer = deployerOf(member)?.[0];
    if (deployer !== undefined) actors.add(member).add(deployer);
  }
  return [...actors];
}

/** Takings of `list` by the actors of `seeds`, and by those whom they share an actor with, and so on. */
export function linkedTo(seeds: readonly Taking[], list: readonly Taking[]): Taking[] {
  const actors = new Set(seeds.flatMap((t) => t.actors));
  const linked = new Set(seeds);
  for (let before = -1; before !== linked.size; ) {
    before = linked.size;
    for (const taking of list) {
      if (linked.has(taking) || !taking.actors.some((a) => actors.has(a))) continue;
      linked.add(taking);
      for (const actor of taking.actors) actors.add(actor);
    }
  }
  return [...linked];
}
