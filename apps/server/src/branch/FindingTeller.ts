import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { type Finding, isAtLeast } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import type { DoubtBook } from "./DoubtBook.ts";
import { makeShares } from "./Shares.ts";
import { forkOf, placeOf, type Trail } from "./Trail.ts";
import { findingTrouble } from "./troublesOfBranch.ts";

/** A branch about which something was found. */
export interface FoundOn {
  readonly labels: readonly string[];
  readonly trail: Trail;
  readonly doubts: DoubtBook;
  /** Findings of blocks of which it is not known yet whether the main watch will have them too. */
  held: readonly Held[];
}

/** A finding, and since when it waits. */
export interface Held {
  readonly finding: Finding;
  readonly sinceMs: number;
}

/** Tells what was found on branches: high and critical, each once, and only of blocks that the main watch does not have. */
export interface FindingTeller {
  take(branch: FoundOn, commit: Commit): void;
  /** The main watch, or the branch, or the time has gone on. */
  review(branch: FoundOn): void;
}

export interface TellerOptions {
  readonly main: Trail;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly now: () => number;
}

// Whoever makes up a branch makes up as many attacks on it as he likes, at no cost.
const mostAnHour = 20;
const mostHeld = 64;
const mostRemembered = 4_096;
const hourMs = 3_600_000;
// A main watch that stands longer at the fork may be kept there, by who does not want told what follows on the other way.
const mostStoodMs = 60_000;

/** Makes one for all branches of a watch: what was told of one that is over is not told again when it comes back. */
export function makeFindingTeller({ main, tell, now }: TellerOptions): FindingTeller {
  const told = new Set<Hex>();
  const shares = makeShares(mostAnHour, hourMs);
  let stands: { readonly at: Hex | undefined; readonly sinceMs: number } | undefined;

  function stoodSinceMs(): number {
    const at = main.last?.hash;
    if (stands === undefined || stands.at !== at) stands = { at, sinceMs: now() };
    return stands.sinceMs;
  }

  function say(branch: FoundOn, finding: Finding, fork: BlockRef | undefined): void {
    if (told.has(finding.id)) return;
    // A node that makes up attacks is not to hide those that another shows, nor many that are high one that is critical.
    const names = branch.labels.map((label) => `${finding.severity} ${label}`);
    if (!shares.take(names, now())) {
      branch.doubts.raise("more", tooMany);
      return;
    }
    told.add(finding.id);
    if (told.size > mostRemembered) told.delete(told.values().next().value!);
    tell(findingTrouble(branch.labels, finding, fork));
  }

  function review(branch: FoundOn): void {
    const standsSinceMs = stoodSinceMs();
    if (branch.held.length === 0) return;
    const waiting: Held[] = [];
    const fork = forkOf(main, branch.trail);
    for (const one of branch.held) {
      const { finding, sinceMs } = one;
      const mayWait = now() - Math.max(sinceMs, standsSinceMs) <= mostStoodMs;
      const place = placeOf(main, branch.trail, refOf(finding), () => fork);
      if (place.kind === "undecided" && mayWait) waiting.push(one);
      else if (place.kind === "branch" || place.kind === "undecided") say(branch, finding, fork);
    }
    if (waiting.length > mostHeld) branch.doubts.raise("more", tooMany);
    // As many that are high as one likes are had for little, and are not to hide one that is critical.
    branch.held = [
      ...waiting.filter(({ finding }) => finding.severity === "critical"),
      ...waiting.filter(({ finding }) => finding.severity !== "critical"),
    ].slice(0, mostHeld);
  }

  return {
    take(branch, { records }) {
      const found = records.filter((record): record is Finding => record.kind === "Finding" && isTold(record));
      const sinceMs = now();
      branch.held = [...branch.held, ...found.map((finding) => ({ finding, sinceMs }))];
      review(branch);
    },
    review,
  };
}

const tooMany = `holds more findings than the ${mostAnHour} of a severity that are told in an hour. Somebody may make them up.`;

function isTold({ severity, prediction }: Finding): boolean {
  return prediction === undefined && isAtLeast(severity, "high");
}

function refOf({ blockNumber, blockHash }: Finding): Pick<BlockRef, "number" | "hash"> {
  return { number: blockNumber, hash: blockHash };
}
