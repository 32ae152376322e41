import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import type { KeptGain } from "./findKeptGain.ts";
import { everyday } from "./findRepetition.ts";
import { countIn, paymentsOf } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import { entryTo, netOfActors, type Story } from "./Story.ts";

/**
 * Unpaid mint (weight 2, 3 where nobody lost what is kept): the actors themselves call `mint(address,uint256)`, or
 * `mint(uint256,address)` of a vault, of a standing token for one of their own, pay nothing for it, give the token to an
 * outsider, and keep something else: a mint that nobody guarded. Where what they keep was made for them as well, as a loan of a
 * coin that its protocol mints, there is no loser and no kept gain beside it.
 *
 * A bridge or farm that mints for its caller keeps nothing; whoever buys from the token pays it; a pool token is a claim on
 * what was given. Source: Shezmu (2024), Meta Pool (2025). Evasion: a mint of another name; keeping the token for a later
 * transaction.
 */
export function findUnpaidMint(story: Story, gain: KeptGain | undefined): Sign | undefined {
  const minted = new Set<Address>();
  const mints = story.direct.filter((visit) => {
    const receiver = minteeOf(visit);
    return receiver !== undefined && story.actors.has(receiver) && !story.made.has(visit.context);
  });
  if (mints.length === 0) return undefined;
  const paid = paidByHand(story);
  for (const mint of mints)
    if (!minted.has(mint.context) && !paid.has(mint.context) && !isTakenFor(story, mint)) minted.add(mint.context);
  if (minted.size === 0) return undefined;
  const given = story.moves.filter(
    ({ asset, from, to }) =>
      minted.has(asset as Address) && story.actors.has(from) && !story.actors.has(to) && to !== zeroAddress,
  );
  const kept = gain?.assets ?? madeFor(story, minted);
  if (given.length === 0 || kept.every((asset) => minted.has(asset as Address))) return undefined;
  const victims = [...new Set(given.flatMap(({ asset, to }) => [asset as Address, to]))];
  return { name: "unpaid-mint", weight: gain === undefined ? 3 : 2, victims, count: given.length };
}

/**
 * Unpaid issue (weight 1.5, told only beside a crushed pool): the actors call a standing token by a function of its own, name
 * one of themselves and an amount, pay nothing for it, and then give an outsider exactly that amount of the token: a mint of
 * another name. Source: BEGO (2022), which took no signatures for enough. Evasion: giving another amount.
 */
export function findUnpaidIssue(story: Story): Sign | undefined {
  const given = new Map<string, Address>();
  const tokens = new Set<string>();
  for (const { asset, from, to, amount } of story.moves) {
    if (!story.actors.has(from) || story.actors.has(to) || isDust(asset, amount)) continue;
    given.set(`${asset}${amount}`, to);
    tokens.add(asset);
  }
  const paid = paidByHand(story);
  const victims = new Set<Address>();
  let count = 0;
  for (const visit of story.direct) {
    const { context: token, frame, selector: name } = visit;
    if (!tokens.has(token) || everyday.has(name) || frame.value > 0n || story.made.has(token) || paid.has(token))
      continue;
    const words = (frame.input.slice(10, 10 + 64 * mostWords).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
    if (!words.some((word) => word >> 160n === 0n && story.actors.has(`0x${word.toString(16).padStart(40, "0")}`)))
      continue;
    const buyer = words.map((word) => given.get(`${token}${word}`)).find((to) => to !== undefined);
    if (buyer === undefined || isTakenFor(story, visit)) continue;
    victims.add(token).add(buyer);
    count += 1;
  }
  return count === 0 ? undefined : { name: "unpaid-mint", weight: 1.5, victims: [...victims], count };
}

const mostWords = 32;

/** For whom a call mints, if it is a mint that is not paid with it. */
function minteeOf({ frame: { input, value }, selector: name }: Visit): Address | undefined {
  if (input.length < 138 || value > 0n) return undefined;
  if (name === selector.mint) return `0x${input.slice(34, 74)}`;
  return name === selector.mintShares ? `0x${input.slice(98, 138)}` : undefined;
}

/** What the actors keep of tokens that outsiders minted for them, where they gave nothing but what is in `free`. */
function madeFor(story: Story, free: ReadonlySet<Address>): Asset[] {
  const lent = lentAlone(story);
  const kept: Asset[] = [];
  for (const [asset, amount] of netOfActors(story)) {
    const token = asset.split(":")[0] as Address;
    if (amount < 0n && !free.has(token)) return [];
    // A token whose contract dealt in others is a claim on them.
    if (amount > 0n && lent.has(token) && !story.made.has(token) && !free.has(token) && !story.net.has(token))
      kept.push(asset);
  }
  return kept;
}

/** Tokens that were minted for the actors in a call of theirs that took nothing: what is minted as something comes in is its receipt. */
function lentAlone(story: Story): Set<Address> {
  const { taken } = paymentsOf(story);
  const lent = new Set<Address>();
  for (const mint of story.acts) {
    if (mint.selector !== selector.mint || !story.actors.has(`0x${mint.frame.input.slice(34, 74)}`)) continue;
    const entry = entryTo(mint, story.actors);
    if (story.actors.has(entry.context) || entry.frame.value > 0n) continue;
    if (countIn(taken, entry, entry.order) === 0) lent.add(mint.context);
  }
  return lent;
}

/** Whether anything was taken for this mint. */
function isTakenFor({ visits }: Story, { order, end }: Visit): boolean {
  for (let at = order + 1; at <= end; at += 1) {
    const name = visits[at]!.selector;
    if (name === selector.transferFrom || name === selector.burnFrom || name === selector.burn) return true;
  }
  return false;
}

/** To whom the actors handed anything over on its own: what goes with a call pays for that. */
function paidByHand({ acts, actors }: Story): Set<Address> {
  const paid = new Set<Address>();
  for (const visit of acts) {
    if (!actors.has(visit.frame.from)) continue;
    if (visit.frame.input === "0x" && visit.frame.value > 0n) paid.add(visit.context);
    const claim = readTransferCall(visit);
    if (claim !== undefined) paid.add(claim.to);
  }
  return paid;
}
