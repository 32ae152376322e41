import { agreeDown } from "./agreeDown.ts";
import { type AgreeOptions, agreeOnBlocks } from "./agreeOnBlocks.ts";

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
    // Those who have not come as far cannot agree.
    if (agreed.by.length >= pool.quorum || pool.candidates(number).length < pool.quorum) return number;
    return (await findAgreed(number, options)) ?? number;
  }
  return undefined;
}

async function findAgreed(below: bigint, options: Omit<AgreeOptions, "withTxs">): Promise<bigint | undefined> {
  const lowest = below > DEPTH ? below - DEPTH : 0n;
  for await (const { block, by } of agreeDown(below - 1n, lowest, options))
    if (by.length >= options.pool.quorum) return block.ref.number;
  return undefined;
}
