import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { countOf } from "@testudo/core/model/countOf";
import { cutText } from "@testudo/core/model/cutText";
import type { Finding } from "@testudo/core/model/Finding";

// What a detector says quotes what attackers wrote, and on a forged branch all of it is theirs.
const mostOfReason = 600;

/** The trouble that tells what a detector said of a branch. Two findings are two of them, the same one is one. */
export function findingTrouble(labels: readonly string[], finding: Finding, fork: BlockRef | undefined): StreamTrouble {
  const { severity, detector, subject, blockNumber, blockHash, dedupKey } = finding;
  const from =
    fork === undefined
      ? "from a fork that is not known any more"
      : `${countOf(blockNumber - fork.number, "block")} from the fork at ${fork.number}`;
  const where = `block ${blockNumber} ${blockHash}, ${from}`;
  const reason = cutText(finding.reason, mostOfReason);
  return {
    kind: "trouble",
    trouble: "branch-finding",
    endpoint: `${sourceOf(labels)}: ${severity} ${dedupKey}`,
    message: `On the branch that ${showing(labels)} and the watch does not follow (${where}): ${detector} says ${severity} about ${subject}: ${reason}`,
  };
}

/** Why a branch is not judged, or not as it should be. One of each is told at a time. */
export type Doubt =
  /** There are as many judged already as may be. */
  | "places"
  /** Too many were begun of late. */
  | "starts"
  /** Its judging failed. */
  | "lost"
  /** It was judged as long as may be. */
  | "limit"
  /** The same hash with another content. */
  | "content"
  /** More was found than is told. */
  | "more"
  /** What the stream of the branch tells of its nodes. */
  | StreamTrouble["trouble"];

/** The trouble that tells that a branch is not judged as it should be. */
export function doubtTrouble(labels: readonly string[], doubt: Doubt, why: string): StreamTrouble {
  return {
    kind: "trouble",
    trouble: "branch-unjudged",
    endpoint: `${sourceOf(labels)} (${doubt})`,
    message: `The branch that ${showing(labels)} and the watch does not follow ${cutText(why, mostOfReason)}`,
  };
}

/** Its end. */
export function doubtOver(labels: readonly string[], doubt: Doubt): StreamTrouble {
  return {
    kind: "trouble",
    trouble: "recovered",
    over: "branch-unjudged",
    endpoint: `${sourceOf(labels)} (${doubt})`,
    message: `What kept the branch of ${labels.join(" and ")} from being judged is over, or there is no such branch any more.`,
  };
}

function sourceOf(labels: readonly string[]): string {
  return `branch of ${labels.join(" and ")}`;
}

function showing(labels: readonly string[]): string {
  return `${labels.join(" and ")} ${labels.length > 1 ? "show" : "shows"}`;
}
