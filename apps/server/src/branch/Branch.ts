import type { Candidate } from "@testudo/chain/nodes/Dispute";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Commit } from "@testudo/core/model/Output";
import type { BranchLimits } from "./branchLimits.ts";
import { makeDoubtBook } from "./DoubtBook.ts";
import type { FindingTeller, Held } from "./FindingTeller.ts";
import type { Shadow, ShadowHooks } from "./openShadow.ts";
import { makeTrail, type Trail } from "./Trail.ts";

/** What a shadow begins with. */
export interface Opened {
  readonly shadow: Shadow;
  /** Blocks of the state that it begins with, oldest first. */
  readonly refs: readonly BlockRef[];
}

/** Starts a thread that judges what it is told to follow. Rejects where it does not start. */
export type OpenShadow = (hooks: ShadowHooks) => Promise<Opened>;

/** A branch with a thread of its own. */
export interface Branch {
  /** The nodes that show it. */
  readonly urls: readonly string[];
  readonly labels: readonly string[];
  readonly trail: Trail;
  /** `over`: no more of it is judged, however long the dispute lasts. */
  readonly phase: "judging" | "resting" | "over";
  /** Judges what the nodes at `urls` show, which is what it does already or a part of it. */
  follow(urls: readonly string[]): void;
  rest(): void;
  /** The main watch has gone on. */
  review(): void;
  /** For how long nobody has wanted it followed; it rests, or goes on as before. */
  unnamedMs(): number;
  /** How long it has rested. */
  restedMs(): number;
  /** Looks at what time alone brings about. */
  tick(): void;
  /** Whether it came to blocks of its own, and the main watch has its newest block by now. */
  hasJoined(): boolean;
  close(): Promise<void>;
}

export interface BranchOptions {
  readonly candidate: Candidate;
  readonly open: OpenShadow;
  readonly main: Trail;
  readonly teller: FindingTeller;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly limits: BranchLimits;
  readonly now: () => number;
}

/** Begins to judge it. */
export function openBranch({ candidate, open, main, teller, tell, limits, now }: BranchOptions): Branch {
  const labelOf = new Map(candidate.endpoints.map(({ url, label }) => [url, label]));
  const labelsOf = (nodes: readonly string[]) => nodes.map((url) => labelOf.get(url)!);
  const { found, name } = makeFound(labelsOf([...labelOf.keys()]), tell);
  const beganAtMs = now();
  let urls: readonly string[] = candidate.endpoints.map(({ url }) => url);
  let phase: Branch["phase"] = "judging";
  let namedAtMs = beganAtMs;
  let restedAtMs = 0;
  let blocks = 0;
  // Where it came to a block that the main watch does not have.
  let leftAt: bigint | undefined;
  let shadow: Shadow | undefined;
  let closed: Promise<void> | undefined;

  const isOff = () => {
    const { last } = found.trail;
    const ours = last && main.at(last.number);
    return ours !== undefined && ours.hash !== last!.hash;
  };

  const finish = (): void => {
    phase = "over";
    const ending = shadow;
    shadow = undefined;
    closed ??= opening.then(() => ending?.close());
  };

  const giveUp = (doubt: "lost" | "limit", why: string): void => {
    if (phase === "over") return;
    finish();
    found.doubts.raise(doubt, why);
  };

  const hooks: ShadowHooks = {
    onCommit(commit: Commit) {
      found.trail.note(commit);
      if (isOff()) leftAt ??= found.trail.last?.number;
      teller.take(found, commit);
      if (commit.undo === null || !("push" in commit.undo)) return;
      blocks += 1;
      if (blocks >= limits.mostBlocks) giveUp("limit", `was judged for ${blocks} blocks, and no further.`);
    },
    onTrouble(trouble) {
      if (phase === "judging") found.doubts.note(trouble);
    },
    onLost: (why) => giveUp("lost", `is not judged any more: ${why}`),
  };

  const begin = async (): Promise<void> => {
    const opened = await open(hooks);
    if (phase === "over") return opened.shadow.close();
    // Before anything that may throw, so that it is closed.
    shadow = opened.shadow;
    found.trail = makeTrail(opened.refs);
    if (phase === "judging") shadow.follow(urls);
  };
  const opening = begin().catch((error: unknown) =>
    giveUp("lost", `is not judged: its thread does not start: ${firstLineOf(error)}`),
  );

  return {
    get urls() {
      return urls;
    },
    get labels() {
      return found.labels;
    },
    get trail() {
      return found.trail;
    },
    get phase() {
      return phase;
    },
    follow(next) {
      namedAtMs = now();
      if (phase === "over" || (phase === "judging" && isSame(next, urls))) return;
      urls = next;
      name(labelsOf(urls));
      if (phase === "resting") leftAt = undefined;
      phase = "judging";
      shadow?.follow(urls);
    },
    rest() {
      if (phase !== "judging") return;
      phase = "resting";
      restedAtMs = now();
      shadow?.rest();
      found.doubts.clearAll();
    },
    review: () => teller.review(found),
    unnamedMs: () => now() - namedAtMs,
    restedMs: () => (phase === "resting" ? now() - restedAtMs : 0),
    tick() {
      teller.review(found);
      if (phase !== "judging") return;
      const stoodMs = shadow?.stoodMs(now()) ?? 0;
      if (stoodMs > limits.mostStoodMs)
        giveUp("lost", `is not judged any more: no block was for ${Math.round(stoodMs / 1_000)} s.`);
      else if (now() - beganAtMs > limits.mostMs)
        giveUp("limit", `was judged for ${Math.round(limits.mostMs / 60_000)} minutes, and no further.`);
    },
    hasJoined() {
      const { last } = found.trail;
      // That it was taken back to the fork is no sign: another branch may follow from there.
      if (leftAt === undefined || last === undefined || last.number < leftAt) return false;
      return main.at(last.number)?.hash === last.hash;
    },
    close() {
      finish();
      found.doubts.clearAll();
      return closed!;
    },
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((url) => b.includes(url));
}

/** What is found on a branch, under the names of those who show it now: nobody is to be blamed for what another shows. */
function makeFound(labels: readonly string[], tell: (trouble: StreamTrouble) => void) {
  const held: readonly Held[] = [];
  const found = { labels, doubts: makeDoubtBook(labels, tell), trail: makeTrail([]), held };
  const name = (next: readonly string[]): void => {
    if (isSame(next, found.labels)) return;
    found.doubts.clearAll();
    found.labels = next;
    found.doubts = makeDoubtBook(next, tell);
  };
  return { found, name };
}
