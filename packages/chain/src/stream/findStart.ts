import { agreeDown } from "../nodes/agreeDown.ts";
import { type AgreeOptions, agreeOnBlocks } from "../nodes/agreeOnBlocks.ts";

// Whoever has been on another chain for longer is not waited for.
const DEPTH = 1_024n;

/**
 * Where to begin without a known block: at the newest that a quorum names, so that nodes which have parted already are seen to; where
 * there is none within 1,024 blocks, at the newest that anybody has. undefined while that is not known.
 */
export async function findStart(target: bigint, options: Omit<AgreeOptions, "withTxs">): Promise<bigint | undefined> {
  const { pool } = options;
  // A head may be claimed that nobody has, by one alone; what a quorum claims and does not name yet is waited for.
  const lowest = pool.isShort() || target < DEPTH ? 0n : target - DEPTH;
  const heads = pool.candidates(0n).map(({ head }) => head!.number);
  const lower = [...new Set(heads)]
    .filter((number) => number < target && number >= lowest)
    .sort((a, b) => (a > b ? -1 : 1));
  for (const number of [target, ...lower]) {
    const [agreed] = await agreeOnBlocks([number], { ...options, withTxs: false });
    if (agreed === undefined) continue;
    if (agreed.by.length >= pool.quorum || pool.candidates(0n).length < pool.quorum) return number;
    // Those who have not come as far cannot agree on it, but on what lies below: nobody comes back to below the start.
    const reached = pool.reached() ?? number;
    if (reached + DEPTH < number) return number;
    const below = await findAgreed(reached < number ? reached : number - 1n, options);
    return below === "none" ? number : below;
  }
  return undefined;
}

/** The newest block from `from` down that a quorum names; undefined while they may agree yet on one that they just differ on. */
async function findAgreed(from: bigint, options: Omit<AgreeOptions, "withTxs">): Promise<bigint | "none" | undefined> {
  const lowest = from > DEPTH ? from - DEPTH : 0n;
  let seen = from + 1n;
  for await (const { block, by } of agreeDown(from, lowest, options)) {
    seen = block.ref.number;
    if (by.length >= options.pool.quorum) return seen;
  }
  return seen > lowest ? undefined : "none";
}
