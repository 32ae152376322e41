import type { BlockBundle, Scope } from "@testudo/core/model/BlockBundle";
import { type BundleSources, fetchBundles, type TreeSources } from "../block/fetchBundle.ts";
import { type AgreedBlock, type AgreeOptions, agreeOnBlocks } from "../nodes/agreeOnBlocks.ts";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import type { BodyProver } from "../prove/BodyProver.ts";
import type { LogOpinion } from "../prove/LogOpinion.ts";
import type { LogProver } from "../prove/LogProver.ts";
import type { TreeProver } from "../prove/TreeProver.ts";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";

/** What shows that nodes give what is a block's own. */
export interface Provers {
  readonly logs: LogProver;
  /** For logs that nobody can prove. */
  readonly logOpinion: LogOpinion;
  readonly bodies: BodyProver;
  readonly trees: TreeProver;
}

export interface RangeOptions extends AgreeOptions {
  /** See `fetchBundles`. */
  readonly trees?: TreeSources;
  readonly provers?: Provers | undefined;
}

/**
 * The bundles at `numbers`: blocks on which a quorum agrees, and their data from one of the endpoints that vouched for
 * them, from the next when one fails; proved, as far as `provers` can. Shorter than asked where agreement ends.
 */
export async function fetchRange(
  numbers: readonly bigint[],
  scopes: readonly Scope[],
  { trees, provers, ...options }: RangeOptions,
): Promise<BlockBundle[]> {
  const agreed = await proveBodies(await agreeOnBlocks(numbers, options), provers?.bodies);
  const bundles: BlockBundle[] = [];
  // Blocks with the same voters go together; in one range that is nearly always all of them.
  for (let at = 0; at < agreed.length; ) {
    const { by } = agreed[at]!;
    let end = at + 1;
    while (end < agreed.length && isSame(agreed[end]!.by, by)) end += 1;
    const group = agreed.slice(at, end);
    const proved = provers && scopes.includes("L") ? assureLogs(group, provers) : undefined;
    const fetched = await fetchFromOne(group, scopes, options.pool, { ...trees, ...(proved ? { proved } : {}) });
    bundles.push(...(provers === undefined ? fetched.bundles : await proveTrees(fetched, group, scopes, provers)));
    at = end;
  }
  return bundles;
}

function isSame(a: readonly Member[], b: readonly Member[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}

async function proveBodies(agreed: readonly AgreedBlock[], prover: BodyProver | undefined) {
  if (prover === undefined) return agreed;
  const proved = await Promise.all(
    agreed.map(async (one) => ({ ...one, block: await prover.prove(one.block, one.by) })),
  );
  // Who was found out gives nothing else of the block either, where anybody else does.
  return proved.map(({ by, ...one }) => ({
    ...one,
    by: [...by].sort((a, b) => Number(a.hasLied) - Number(b.hasLied)),
  }));
}

function assureLogs(group: readonly AgreedBlock[], { logs, logOpinion }: Provers) {
  return Promise.all(
    group.map(async ({ block, by, rootBy }) => (await logs.prove(block, by, rootBy)) ?? logOpinion.read(block, by)),
  );
}

/** What one node gave of a group of blocks. */
interface Given {
  readonly bundles: readonly BlockBundle[];
  readonly giver: Member;
}

function proveTrees(
  { bundles, giver }: Given,
  group: readonly AgreedBlock[],
  scopes: readonly Scope[],
  { bodies, trees }: Provers,
) {
  return Promise.all(
    bundles.map((bundle, i) => {
      const { block, by } = group[i]!;
      return trees.prove(bodies.nameSenders(bundle, block), block, { giver, by, isWanted: scopes.includes("T") });
    }),
  );
}

async function fetchFromOne(
  group: readonly AgreedBlock[],
  scopes: readonly Scope[],
  pool: EndpointPool,
  more: BundleSources,
): Promise<Given> {
  const { by } = group[0]!;
  const blocks = group.map(({ block }) => block);
  const labels = by.map(({ endpoint }) => endpoint.label);
  let failure: unknown;
  for (const member of by) {
    let sinceMs = performance.now();
    // Not for what others are asked of its block: whoever hangs then would have it asked after himself.
    const noteProved = () => {
      sinceMs = performance.now();
    };
    more.proved?.then(noteProved, noteProved);
    try {
      const others = by.filter((one) => one !== member);
      const stateFrom = [member, ...others].map(({ endpoint }) => endpoint);
      const bundles = await fetchBundles(member.endpoint, blocks, scopes, labels, { ...more, stateFrom });
      pool.worked(member);
      pool.took(member, performance.now() - sinceMs);
      return { bundles, giver: member };
    } catch (error) {
      if (error instanceof BlockUnknown) throw error;
      // A range may be too much for a node: the caller halves it where it is for all of them, and only a single block is a node's fault.
      if (blocks.length === 1) pool.failed(member, error, "body");
      else pool.took(member, performance.now() - sinceMs);
      failure = error;
    }
  }
  throw failure;
}
