import type { BlockBundle, Scope } from "@testudo/core/model/BlockBundle";
import { type AgreedBlock, type AgreeOptions, agreeOnBlocks } from "./agreeOnBlocks.ts";
import { BlockUnknown } from "./BlockUnknown.ts";
import type { EndpointPool, Member } from "./EndpointPool.ts";
import { fetchBundles, type TreeSources } from "./fetchBundle.ts";

/**
 * The bundles at `numbers`: blocks on which a quorum agrees, and their data from one of the endpoints that vouched for
 * them, from the next when one fails. Shorter than asked where agreement ends. `trees`: see `fetchBundles`.
 */
export async function fetchRange(
  numbers: readonly bigint[],
  scopes: readonly Scope[],
  { trees, ...options }: AgreeOptions & { readonly trees?: TreeSources },
): Promise<BlockBundle[]> {
  const agreed = await agreeOnBlocks(numbers, options);
  const bundles: BlockBundle[] = [];
  // Blocks with the same voters go together; in one range that is nearly always all of them.
  for (let at = 0; at < agreed.length; ) {
    const { by } = agreed[at]!;
    let end = at + 1;
    while (end < agreed.length && isSame(agreed[end]!.by, by)) end += 1;
    bundles.push(...(await fetchFromOne(agreed.slice(at, end), scopes, options.pool, trees)));
    at = end;
  }
  return bundles;
}

function isSame(a: readonly Member[], b: readonly Member[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}

async function fetchFromOne(
  group: readonly AgreedBlock[],
  scopes: readonly Scope[],
  pool: EndpointPool,
  trees: TreeSources | undefined,
): Promise<BlockBundle[]> {
  const { by } = group[0]!;
  const blocks = group.map(({ block }) => block);
  const labels = by.map(({ endpoint }) => endpoint.label);
  let failure: unknown;
  for (const member of by) {
    const askedAtMs = Date.now();
    try {
      const others = by.filter((one) => one !== member);
      const stateFrom = [member, ...others].map(({ endpoint }) => endpoint);
      const bundles = await fetchBundles(member.endpoint, blocks, scopes, labels, { ...trees, stateFrom });
      pool.worked(member);
      pool.took(member, Date.now() - askedAtMs);
      return bundles;
    } catch (error) {
      if (error instanceof BlockUnknown) throw error;
      // A range may be too much for a node: the caller halves it where it is for all of them, and only a single block is a node's fault.
      if (blocks.length === 1) pool.failed(member, error, "body");
      else pool.took(member, Date.now() - askedAtMs);
      failure = error;
    }
  }
  throw failure;
}
