import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { countIn, paymentsOf } from "./payments.ts";
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

// Fewer are a batch; so many are none.
const often = 8;
const veryOften = 24;
// A list of one and the same, beside what else a call must say.
const otherWords = 7;

/**
 * Repetition (weight 1 from 8 times, 1.25 from 24): the actors call the same function of the same outsider again and
 * again, as rounding errors, stale rewards and small price steps must be collected. Payments to
 * different people, approvals and views do not count. Batches of claims look the same, so that the sign is never enough with
 * a gain alone. Weight 2 where 24 calls were the same word for word, and the outsider paid for each and got nothing: what is
 * claimed once was paid again; or where one call names the same thing 24 times, and little else, and was paid the same as often.
 * Source of that: Sorra (2025), Level (2023). Evasion: fewer steps; a loop over different functions.
 */
export function findRepetition(story: Story): Sign | undefined {
  const sameName = new Map<string, Visit[]>();
  const sameWords = new Map<string, Visit[]>();
  for (const visit of story.direct) {
    const { context, selector: name, frame } = visit;
    const isVault = (name === selector.deposit || name === selector.withdraw) && !story.wrapped.has(context);
    if (everyday.has(name) && !isVault && !isPayment(story, visit)) continue;
    put(sameName, `${context}${name === selector.transfer ? frame.input.slice(0, 74) : name}`, visit);
    if (name !== selector.transfer) put(sameWords, `${context}${frame.input}`, visit);
  }
  // A pair is paid before it pays.
  const payees = new Set(story.moves.flatMap(({ from, to }) => (story.actors.has(from) ? [to] : [])));
  const again = oftenIn(sameWords).filter(
    (calls) => !payees.has(calls[0]!.context) && calls.filter((visit) => isGift(story, visit)).length >= veryOften,
  );
  if (again.length > 0) return signOf(again, 2);
  const listed = story.direct.find((visit) => isListed(story, visit));
  if (listed !== undefined && !payees.has(listed.context))
    return { name: "repetition", weight: 2, victims: [listed.context], count: giftsOf(story, listed) };
  const repeated = oftenIn(sameName);
  return repeated.length === 0 ? undefined : signOf(repeated, repeated[0]!.length >= veryOften ? 1.25 : 1);
}

/** A transfer to somebody who is neither of the actors nor only receives, such as a pool. */
function isPayment({ actors, purses }: Story, { selector: name, frame: { input } }: Visit): boolean {
  const receiver: Address = `0x${input.slice(34, 74)}`;
  return name === selector.transfer && !actors.has(receiver) && !purses.has(receiver);
}

function put(groups: Map<string, Visit[]>, key: string, visit: Visit): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [visit]);
  else group.push(visit);
}

function oftenIn(groups: ReadonlyMap<string, Visit[]>): Visit[][] {
  return [...groups.values()].filter(({ length }) => length >= often).sort((a, b) => b.length - a.length);
}

function signOf(groups: readonly (readonly Visit[])[], weight: number): Sign {
  const victims = [...new Set(groups.map(([first]) => first!.context))];
  return { name: "repetition", weight, victims, count: groups[0]!.length };
}

/** Whether a call paid the actors and took nothing of theirs. */
function isGift(story: Story, visit: Visit): boolean {
  return visit.frame.value === 0n && giftsOf(story, visit) > 0;
}

/** How often a call paid the actors, if it took nothing of theirs. */
function giftsOf(story: Story, visit: Visit): number {
  const { paid, taken } = paymentsOf(story);
  return countIn(taken, visit, visit.order) === 0 ? countIn(paid, visit, visit.order) : 0;
}

/** Whether one call names the same thing again and again, and is paid for each. */
function isListed(story: Story, visit: Visit): boolean {
  const { input, value } = visit.frame;
  if (value > 0n || input.length < 10 + 64 * veryOften || giftsOf(story, visit) < veryOften) return false;
  const counts = new Map<string, number>();
  for (let at = 10; at + 64 <= input.length; at += 64) {
    const word = input.slice(at, at + 64);
    counts.set(word, (counts.get(word) ?? 0) + 1);
    if (counts.size > 1 + otherWords) return false;
  }
  const listed = [...counts].find(([word, count]) => count >= veryOften && !/^0+$/.test(word))?.[0];
  if (listed === undefined || story.actors.has(`0x${listed.slice(24)}`)) return false;
  // Prizes differ; and a list of amounts is none of claims.
  const amounts = new Set<bigint>();
  for (let at = visit.order; at <= visit.end; at += 1) {
    const claim = readTransferCall(story.visits[at]!);
    if (claim !== undefined && story.actors.has(claim.to)) amounts.add(claim.amount);
  }
  return amounts.size === 1 && !amounts.has(BigInt(`0x${listed}`));
}
