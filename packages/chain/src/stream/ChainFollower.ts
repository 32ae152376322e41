import type { BlockBundle, BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import { LogsIncomplete, type TreeSources } from "../block/fetchBundle.ts";
import { type AgreeOptions, agreeOnBlocks, NobodyAnswers } from "../nodes/agreeOnBlocks.ts";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import type { BatchSize } from "./BatchSize.ts";
import type { Finality, FinalityTag } from "./Finality.ts";
import { fetchRange, type Provers } from "./fetchRange.ts";
import { findAncestor } from "./findAncestor.ts";
import { findStart } from "./findStart.ts";
import type { Spine } from "./Spine.ts";
import { isElsewhere } from "./Strays.ts";

const UNLINKED_TIMES = 3;

/** Receives what the chain did. False: nobody listens any more. */
export interface FollowerSink {
  block(bundle: BlockBundle): Promise<boolean>;
  reorg(ancestor: BlockRef, orphaned: readonly BlockRef[]): Promise<boolean>;
  finalize(tag: FinalityTag, ref: BlockRef): Promise<boolean>;
  /** The chain left ours below what is final or known. Nothing follows. */
  deepReorg(message: string): void;
}

export interface FollowerOptions {
  readonly pool: EndpointPool;
  readonly spine: Spine;
  readonly finality: Finality;
  readonly batchSize: BatchSize;
  readonly scopes: readonly Scope[];
  /** Most blocks of a batch that begins with this one; left out, as many as `batchSize` says. */
  readonly mostFrom?: (number: bigint) => number;
  /** Batches asked for ahead of the one at work. */
  readonly prefetch: number;
  /** How call trees may be had beside being traced by a node, now. */
  readonly trees?: () => TreeSources;
  /** Show that what nodes give is the block's. */
  readonly provers?: Provers;
  readonly agreement: Omit<AgreeOptions, "pool" | "withTxs">;
  readonly sink: FollowerSink;
}

/** Takes the spine along the chain, one step at a time. */
export interface ChainFollower {
  /** Goes towards block `target`. True when something was done and more may follow, false when it is time to wait. */
  step(target: bigint): Promise<boolean>;
}

/** Makes a follower. What endpoints do wrong is expected and means waiting; any other error is thrown. */
export function makeFollower(options: FollowerOptions): ChainFollower {
  const { pool, spine, finality, batchSize, scopes, sink } = options;
  const withTxs = scopes.includes("X");
  let unlinked: { readonly key: string; readonly times: number } | undefined;

  async function begin(target: bigint): Promise<boolean> {
    const start = await findStart(target, { ...options.agreement, pool });
    return start === undefined ? false : extend(start, start);
  }

  /** Gives the blocks from `next` on, several batches ahead. False when it stopped short. */
  async function extend(next: bigint, target: bigint): Promise<boolean> {
    const ahead: Batch[] = [];
    for (let from = next; from <= target || ahead.length > 0; ) {
      for (; from <= target && ahead.length < options.prefetch; from = ahead.at(-1)!.end + 1n)
        ahead.push(ask(from, target));
      const { numbers, bundles } = ahead.shift()!;
      const arrived = await bundles.catch((error: unknown) => {
        if (numbers.length > 1 && isExpected(error) && batchSize.shrink()) return [];
        throw error;
      });
      for (const bundle of arrived) {
        if (spine.last !== undefined && bundle.ref.parentHash !== spine.last.hash)
          return reconcile(spine.last.number, bundle);
        spine.push(bundle.ref);
        if (bundle.sources.length >= pool.quorum) finality.vouch(bundle.ref);
        if (!(await sink.block(bundle))) return false;
      }
      // Only a spine that has just been continued is known to be the chain's; a cursor may have been orphaned long ago.
      if (arrived.length > 0) await tellFinality();
      if (arrived.length < numbers.length) return false;
      batchSize.succeed();
    }
    return true;
  }

  function ask(from: bigint, target: bigint): Batch {
    const numbers: bigint[] = [];
    const most = Math.min(batchSize.blocks, options.mostFrom?.(from) ?? batchSize.blocks);
    for (let n = from; n <= target && numbers.length < most; n++) numbers.push(n);
    const bundles = fetchRange(numbers, scopes, {
      ...options.agreement,
      pool,
      withTxs,
      trees: options.trees?.() ?? {},
      provers: options.provers,
    });
    // It is awaited in its turn; until then a failure is nobody's.
    bundles.catch(() => {});
    return { numbers, end: numbers.at(-1)!, bundles };
  }

  /**
   * Finds where the chain left the spine and tells it. False when there is nothing to tell, or not yet. `above`: what came after
   * the spine and does not follow on it.
   */
  async function reconcile(target: bigint, above?: BlockBundle): Promise<boolean> {
    const parting = await findAncestor(spine, target, { ...options.agreement, pool });
    if (parting === "unknown") return false;
    const { ancestor, by } = parting;
    // Whoever is elsewhere is not who is followed, or has come back.
    if (by.length === 0) {
      if (above !== undefined) noteUnlinked(above);
      return false;
    }
    if (ancestor === "none" || ancestor.number < finality.finalized) {
      const what = tellDeepReorg(ancestor === "none" ? undefined : ancestor);
      if (!setAside(by, what)) sink.deepReorg(what);
      return false;
    }
    return sink.reorg(ancestor, spine.cutAbove(ancestor));
  }

  // Once it may be a reorg between two questions. Whoever goes on with it holds the stream up where it is.
  function noteUnlinked({ ref, sources }: BlockBundle): void {
    const key = `${spine.last!.hash} ${sources.join()}`;
    unlinked = { key, times: unlinked?.key === key ? unlinked.times + 1 : 1 };
    if (unlinked.times < UNLINKED_TIMES) return;
    const by = pool.members.filter(({ endpoint }) => sources.includes(endpoint.label));
    setAside(by, `Block ${ref.number} ${ref.hash} follows on ${ref.parentHash}, which is none of its chain.`);
  }

  /**
   * What is final does not fall away by the word of fewer than a quorum, or whoever has one node ends the watch: they are set aside
   * until they have our blocks again; so are those whose blocks do not follow on each other. False where there is nobody else.
   */
  function setAside(by: readonly Member[], message: string): boolean {
    if (by.length >= pool.quorum) return false;
    const others = pool.members.filter((member) => !by.includes(member) && member.disagreesSinceMs === undefined);
    if (others.length === 0) return false;
    for (const member of by)
      pool.outvoted(member, `${member.endpoint.label} is not followed: ${message.split("\n")[0]}`);
    return true;
  }

  function tellDeepReorg(ancestor: BlockRef | undefined): string {
    const what =
      ancestor === undefined
        ? `The chain has none of the known blocks ${spine.first!.number} to ${spine.last!.number}.`
        : `The chain left ours at block ${ancestor.number}, below the final block ${finality.finalized}.`;
    return [
      what,
      "- A final block, or the oldest known one, must not fall away.",
      "- The stream has stopped. Check the endpoints, then begin again from a block that is right.",
    ].join("\n");
  }

  async function tellFinality(): Promise<void> {
    for (const { tag, ref } of finality.advance()) await sink.finalize(tag, ref);
  }

  return {
    async step(target) {
      try {
        const last = spine.last;
        if (last === undefined) return await begin(target);
        if (target > last.number) return await extend(last.number + 1n, target);
        // A reorg that does not make the chain longer.
        if (pool.members.some((member) => isElsewhere(member, spine))) return await reconcile(target);
        // The newest block may have been taken while the other was behind. It has it by now, or shows its own, or the next one ends the
        // dispute.
        if (options.agreement.dispute.isOpen()) {
          const [agreed] = await agreeOnBlocks([last.number], { ...options.agreement, pool, withTxs: false });
          const isAnother = agreed !== undefined && agreed.block.ref.hash !== last.hash;
          if (isAnother && agreed.by.length >= pool.quorum) return await reconcile(target);
        }
        await tellFinality();
        return false;
      } catch (error) {
        if (isExpected(error)) return false;
        throw error;
      }
    },
  };
}

interface Batch {
  readonly numbers: readonly bigint[];
  readonly end: bigint;
  readonly bundles: Promise<BlockBundle[]>;
}

/** What endpoints do wrong, and what a reorg between two questions looks like. Anything else is a fault of ours. */
function isExpected(error: unknown): boolean {
  return isNodeFault(error) || error instanceof LogsIncomplete || error instanceof NobodyAnswers;
}
