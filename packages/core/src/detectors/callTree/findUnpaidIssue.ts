import { zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import { type Address, type Hex, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { isDust } from "./dust.ts";
import { findCrushedPool } from "./findCrushedPool.ts";
import { everyday } from "./findRepetition.ts";
import { isTakenFor, paidByHand } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";

// What a call must say of a mint stands at its beginning.
const mostWords = 32;
// A claim brings its proof along.
const fewWords = 3;

/** The weight where the amount was measured by what a pool holds: that is enough. */
export const measured = 3;
// Small and round numbers divide by each other: they have no more digits before their zeros than that.
const mostRoundDigits = 9;
const mostTimes = 1_000n;
// Each is held against each amount.
const mostSeen = 16;

// What moves, or lets somebody move, what one has already.
const ownMoves: ReadonlySet<string> = new Set([
  "0x39509351", // increaseAllowance(address,uint256)
  "0xa457c2d7", // decreaseAllowance(address,uint256)
  "0xd73dd623", // increaseApproval(address,uint256)
  "0x66188463", // decreaseApproval(address,uint256)
  "0xf2d5d56b", // pull(address,uint256)
  "0xb753a98c", // push(address,uint256)
  "0xbb35783b", // move(address,address,uint256)
  "0x1296ee62", // transferAndCall(address,uint256)
]);

/**
 * Unpaid issue (weight 1, 1.5 where nothing but whom and how much is said and a crushed pool ends with more of it; told only beside a
 * crushed pool; 3 where the actors had seen what an outsider holds of the token, the amount that he is then given is once or several times
 * that, no round number, and they end with more of anything: who hands out one for one keeps nothing): the actors call a standing token by a function of its own, name one of themselves and an amount, pay nothing for it, and
 * then give outsiders exactly that amount of the token, at once or in parts, or that of as many such calls: a mint of another name.
 *
 * What somebody is due has nothing to do with what a pool happens to hold. Source: BEGO (2022), which took no signatures for enough, tokens on BSC
 * of 2023 and 2024 that let anybody mint. Evasion: giving another amount; measuring the pool beforehand.
 */
export function findUnpaidIssue(story: Story): Sign | undefined {
  const given = givenTokens(story);
  const suspects = story.direct.filter((visit) => given.has(visit.context) && isOfItsOwn(visit, story));
  if (suspects.length === 0) return undefined;
  const turns = turnsOf(suspects);
  const paid = paidByHand(story);
  const crushed = findCrushedPool(story)?.victims ?? [];
  const victims = new Set<Address>();
  let count = 0;
  let [isBare, isSized] = [false, false];
  const seen = hasGained(story) ? balancesSeen(story) : undefined;
  const told = new Set<string>();
  for (const visit of suspects) {
    const { context: token, frame } = visit;
    if (paid.has(token)) continue;
    const words = wordsOf(frame.input);
    if (!words.some((word) => word >> 160n === 0n && story.actors.has(`0x${word.toString(16).padStart(40, "0")}`)))
      continue;
    const { total, buyers } = given.get(token)!;
    const times = turns.get(`${token}${frame.input}`)!;
    const amount = words.find((word) => buyers.has(word) || word === total || word * times === total);
    if (amount === undefined || isTakenFor(story, visit)) continue;
    count += 1;
    const isShort = saidIn(frame.input).length <= fewWords;
    isBare ||= isShort && crushed.some((pool) => (story.net.get(pool)?.get(token) ?? 0n) > 0n);
    // One may be called as often as there are buyers.
    if (told.has(`${token}${amount}`)) continue;
    told.add(`${token}${amount}`);
    victims.add(token);
    const some = buyers.get(amount);
    for (const to of some === undefined ? buyers.values() : [some])
      for (const buyer of to) {
        victims.add(buyer);
        const looks = seen?.get(token)?.get(buyer) ?? [];
        isSized ||= [...looks].some(([held, order]) => order < visit.order && isTimes(amount, held));
      }
  }
  if (count === 0) return undefined;
  return { name: "unpaid-mint", weight: isSized ? measured : isBare ? 1.5 : 1, victims: [...victims], count };
}

/** What the actors saw that each holder has of each token, and when first. */
function balancesSeen({
  visits,
  actors,
}: Story): ReadonlyMap<Address, ReadonlyMap<Address, ReadonlyMap<bigint, number>>> {
  const seen = new Map<Address, Map<Address, Map<bigint, number>>>();
  for (const { context, frame, order, selector: name } of visits) {
    if (name !== selector.balanceOf || !actors.has(frame.from)) continue;
    const held = wordAt(frame.output, 0) ?? 0n;
    if (isRound(held)) continue;
    const holders = seen.get(context) ?? new Map<Address, Map<bigint, number>>();
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    const own = holders.get(holder) ?? new Map<bigint, number>();
    if (own.size < mostSeen && !own.has(held)) own.set(held, order);
    seen.set(context, holders.set(holder, own));
  }
  return seen;
}

function isRound(held: bigint): boolean {
  return held.toString().replace(/0+$/, "").length <= mostRoundDigits;
}

function isTimes(amount: bigint, held: bigint): boolean {
  return amount % held === 0n && amount / held <= mostTimes;
}

/** What a call says, without the text or bytes at its end where these are empty. */
function saidIn(input: Hex): readonly bigint[] {
  const words = wordsOf(input);
  const [offset, length] = words.slice(-2);
  const isEmpty = length === 0n && offset === BigInt(32 * (words.length - 1));
  return isEmpty ? words.slice(0, -2) : words;
}

/** Whether a call goes to a standing token by a function that is neither everyday nor moves what one has. */
function isOfItsOwn({ context, frame, selector: name }: Visit, { made }: Story): boolean {
  return !everyday.has(name) && !ownMoves.has(name) && frame.value === 0n && !made.has(context);
}

/** How often each token is called with the same words. */
function turnsOf(visits: readonly Visit[]): ReadonlyMap<string, bigint> {
  const turns = new Map<string, bigint>();
  for (const { context, frame } of visits) {
    const key = `${context}${frame.input}`;
    turns.set(key, (turns.get(key) ?? 0n) + 1n);
  }
  return turns;
}

function wordsOf(input: Hex): bigint[] {
  return (input.slice(10, 10 + 64 * mostWords).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}

interface Given {
  total: bigint;
  /** To whom the actors gave each amount. */
  readonly buyers: Map<bigint, Set<Address>>;
}

/** What the actors gave outsiders of each asset. What is burned is not sold. */
function givenTokens({ moves, actors }: Story): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>();
  for (const { asset, from, to, amount } of moves) {
    if (!actors.has(from) || actors.has(to) || to === zeroAddress || isDust(asset, amount)) continue;
    const own: Given = given.get(asset) ?? { total: 0n, buyers: new Map() };
    own.total += amount;
    own.buyers.set(amount, (own.buyers.get(amount) ?? new Set()).add(to));
    given.set(asset, own);
  }
  return given;
}
