// Which branches are judged beside the one that the watch follows. Whoever shows a branch may lie, and may change it with each
// question; so all that one can make us do has a bound: threads at a time, threads begun in an hour, blocks, time, and words.
import type { Candidate, Disputed } from "@testudo/chain/nodes/Dispute";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Commit } from "@testudo/core/model/Output";
import { type Branch, type OpenShadow, openBranch } from "./Branch.ts";
import { type BranchLimits, branchLimits } from "./branchLimits.ts";
import { type DoubtBook, makeDoubtBook } from "./DoubtBook.ts";
import { makeFindingTeller } from "./FindingTeller.ts";
import { matchShadows, sharedUrls } from "./matchShadows.ts";
import { mergeDisputed } from "./mergeDisputed.ts";
import { makeShares } from "./Shares.ts";
import { makeTrail } from "./Trail.ts";

export interface BranchDeskOptions {
  readonly open: OpenShadow;
  /** The newest blocks that the main watch has stored, oldest first. */
  readonly refs: readonly BlockRef[];
  readonly tell: (trouble: StreamTrouble) => void;
  readonly limits?: Partial<BranchLimits> | undefined;
  readonly now?: () => number;
}

/** A branch as the status shows it. */
export interface BranchView {
  readonly endpoints: readonly string[];
  /** The last block of it that was judged; null before the first. */
  readonly block: Pick<BlockRef, "number" | "hash"> | null;
}

export interface BranchDesk {
  /** What the stream of the main watch tells of its nodes. */
  onDisputed(disputed: Disputed | undefined): void;
  /** What the main watch has stored. */
  onStored(commit: Commit): void;
  /** The detectors are others from here on: what judges with those before ends, and begins anew. */
  onRules(): void;
  /** The branches that are judged now. */
  views(): readonly BranchView[];
  /** To be called now and then: looks at what time alone brings about. */
  tick(): void;
  close(): Promise<void>;
}

/** What is told of a branch that is not judged, and when it was last refused. */
interface Refused {
  readonly book: DoubtBook;
  readonly lastMs: number;
}

const hourMs = 3_600_000;

/** Opens a desk without branches. */
export function openBranchDesk(options: BranchDeskOptions): BranchDesk {
  // Not the machine's clock: set ahead by a day, it would end the judging of every branch.
  const { open, tell, now = () => performance.now() } = options;
  const limits = { ...branchLimits, ...options.limits };
  const main = makeTrail(options.refs);
  const starts = makeShares(limits.mostStarts, hourMs);
  const teller = makeFindingTeller({ main, tell, now });
  // Of those that are not judged at all, by the names of their nodes.
  const refused = new Map<string, Refused>();
  // Since when others show the block that they are named by.
  const covered = new Map<string, number>();
  const closing = new Set<Promise<void>>();
  let branches: readonly Branch[] = [];
  let disputed: readonly Candidate[] = [];
  let taken: Candidate | undefined;
  let isClosed = false;

  function drop(branch: Branch): void {
    branches = branches.filter((one) => one !== branch);
    const closed = branch.close();
    closing.add(closed);
    void closed.finally(() => closing.delete(closed)).catch(() => undefined);
  }

  function refuse(candidate: Candidate, doubt: "places" | "starts" | "content", why: string): void {
    const labels = candidate.endpoints.map(({ label }) => label);
    const key = keyOf(candidate);
    const book = refused.get(key)?.book ?? makeDoubtBook(labels, tell);
    refused.set(key, { book, lastMs: now() });
    book.raise(doubt, why);
  }

  // A thread that rests makes room.
  const isFull = () => branches.filter(({ phase }) => phase === "judging").length >= limits.mostBranches;

  function begin(candidate: Candidate): boolean {
    if (isFull()) {
      refuse(candidate, "places", `is not judged: ${limits.mostBranches} others are.`);
      return false;
    }
    const urls = candidate.endpoints.map(({ url }) => url);
    if (!starts.take(urls, now())) {
      refuse(
        candidate,
        "starts",
        `is not judged yet: ${limits.mostStarts} were begun within an hour. Its nodes may lie.`,
      );
      return false;
    }
    const resting = branches.find(({ phase }) => phase === "resting");
    if (resting !== undefined && branches.filter(hasThread).length >= limits.mostBranches) drop(resting);
    branches = [...branches, openBranch({ candidate, open, main, teller, tell, limits, now })];
    return true;
  }

  // A thread that would have to catch up with all that came meanwhile had better begin from what the main watch has stored.
  function isBehind({ phase, trail }: Branch): boolean {
    const [ours, theirs] = [main.last, trail.last];
    return (
      phase === "resting" &&
      ours !== undefined &&
      theirs !== undefined &&
      ours.number - theirs.number > limits.mostMissed
    );
  }

  const hasTakenHash = ({ ref }: Candidate) => ref.hash === taken?.ref.hash;
  const isOurs = ({ ref }: Candidate) => main.at(ref.number)?.hash === ref.hash;

  // A node that is behind is named by its head, which may lie on what others show further on. Where both are named by one hash
  // they show other transactions, and each is judged: the first may be there to hide the second.
  function isJudged(candidate: Candidate): boolean {
    const { ref } = candidate;
    if (disputed.some((other) => other !== candidate && other.ref.hash === ref.hash)) return false;
    return branches.some(({ phase, trail }) => phase === "judging" && trail.at(ref.number)?.hash === ref.hash);
  }

  // That a block has the same hash says nothing of its transactions: who names the hashes of a node that is always behind him would
  // hide what that one shows. Where there is room it is judged by itself after a while.
  function isCovered(candidate: Candidate): boolean {
    const key = keyOf(candidate);
    if (!isJudged(candidate)) {
      covered.delete(key);
      return false;
    }
    const sinceMs = covered.get(key) ?? now();
    covered.set(key, sinceMs);
    return now() - sinceMs <= limits.mostCoveredMs || isFull();
  }

  function look(): void {
    // Before the first block there is nothing to begin from.
    if (isClosed || main.last === undefined) return;
    for (const branch of branches) if (isBehind(branch) || branch.restedMs() > limits.restMs) drop(branch);
    const wanted = disputed.filter((candidate) => !hasTakenHash(candidate) && !isOurs(candidate));
    const matched = matchShadows(wanted, branches);
    const going = new Set(matched.values());
    const isOver = disputed.length === 0;
    for (const branch of branches) {
      if (going.has(branch)) continue;
      // What failed is not begun anew while there is a dispute, whichever side its nodes take.
      if (branch.phase === "over" && isOver) drop(branch);
      // The vote of three nodes turns with each height while none of them is far ahead.
      else if (isOver || branch.unnamedMs() > limits.mostUnnamedMs) branch.rest();
    }
    const judged = new Set<string>();
    for (const candidate of disputed) {
      const branch = matched.get(candidate);
      if (branch !== undefined) branch.follow(sharedUrls(candidate, branch));
      else if (hasTakenHash(candidate)) {
        refuse(candidate, "content", sameHash);
        continue;
      } else if (isOurs(candidate) || !(isCovered(candidate) || begin(candidate))) continue;
      judged.add(keyOf(candidate));
    }
    const named = new Set(disputed.map(keyOf));
    for (const key of covered.keys()) if (!named.has(key)) covered.delete(key);
    for (const [key, { book, lastMs }] of refused) {
      // A branch that is followed for one height, for its nodes are ahead, is refused again at the next.
      if (!isOver && !judged.has(key) && now() - lastMs <= limits.mostUnnamedMs) continue;
      refused.delete(key);
      book.clearAll();
    }
  }

  return {
    onDisputed(told) {
      taken = told?.taken;
      disputed = told === undefined ? [] : mergeDisputed(disputed, told);
      look();
    },
    onStored(commit) {
      main.note(commit);
      if (commit.cursor === undefined || branches.length === 0) return;
      for (const branch of branches) branch.review();
      // The main watch judges it itself by now.
      const joined = branches.filter((branch) => branch.phase === "judging" && branch.hasJoined());
      if (joined.length === 0) return;
      for (const branch of joined) branch.rest();
      disputed = disputed.filter((candidate) => !joined.some((branch) => sharedUrls(candidate, branch).length > 0));
      look();
    },
    onRules() {
      for (const branch of branches) if (branch.phase !== "over") drop(branch);
      look();
    },
    views: () =>
      branches
        .filter(({ phase }) => phase === "judging")
        .map(({ labels, trail: { last } }) => ({
          endpoints: labels,
          block: last === undefined ? null : { number: last.number, hash: last.hash },
        })),
    tick() {
      for (const branch of branches) branch.tick();
      look();
    },
    async close() {
      isClosed = true;
      for (const branch of branches) drop(branch);
      await Promise.all(closing);
    },
  };
}

const sameHash =
  "has the hash of the block that it follows over other transactions, and cannot be judged. Who shows it lies, or who shows the followed one.";

function hasThread({ phase }: Branch): boolean {
  return phase !== "over";
}

// Who is named first changes with who has come to the next height.
function keyOf({ endpoints }: Candidate): string {
  return endpoints
    .map(({ label }) => label)
    .sort()
    .join(" ");
}
