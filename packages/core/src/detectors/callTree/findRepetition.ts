import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** What is done many times for honest reasons: payments, approvals and looking. */
export const everyday: ReadonlySet<string> = new Set([
  "0x",
  "0xa9059cbb", // transfer
  "0x23b872dd", // transferFrom
  "0x095ea7b3", // approve
  "0x42842e0e", // safeTransferFrom
  "0xb88d4fde", // safeTransferFrom with data
  "0xf242432a", // safeTransferFrom of ERC-1155
  "0x70a08231", // balanceOf
  "0xdd62ed3e", // allowance
  "0x18160ddd", // totalSupply
  "0x313ce567", // decimals
  "0x0902f1ac", // getReserves
  "0xd0e30db0", // deposit
  "0x2e1a7d4d", // withdraw
]);

/**
 * Repetition (weight 1 from 8 times, 1.25 from 24): the actors call the same function of the same outsider again and
 * again, as rounding errors, stale rewards and small price steps must be collected. Payments to
 * different people, approvals and views do not count. Batches of claims look the same, so that the sign is never enough with
 * a gain alone. Evasion: fewer steps; a loop over different functions.
 */
export function findRepetition(story: Story): Sign | undefined {
  const counts = new Map<string, number>();
  for (const visit of story.direct) {
    const name = visit.selector;
    if (everyday.has(name) && name !== selector.transfer) continue;
    const key = `${visit.context}${name === selector.transfer ? visit.frame.input.slice(0, 74) : name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const often = [...counts].filter(([, n]) => n >= 8).sort((a, b) => b[1] - a[1]);
  if (often.length === 0) return undefined;
  const count = often[0]![1];
  const victims = [...new Set(often.map(([key]) => key.slice(0, 42) as Address))];
  return { name: "repetition", weight: count >= 24 ? 1.25 : 1, victims, count };
}
