import type { Visit } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import { isIdle } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

// With less nothing is set up, and a call with more says other things than who rules.
const [fewWords, mostWords] = [4, 16];

/** Who puts himself into more places than these divides, or fills a list. */
const mostSeats = 2;

/** Functions that put one address in the place of whoever ruled before. */
const appointments: ReadonlySet<string> = new Set([
  "0x704b6c02", // setAdmin(address)
  "0x13af4035", // setOwner(address)
  "0xa6f9dae1", // changeOwner(address)
  "0x8f283970", // changeAdmin(address)
  "0xf2fde38b", // transferOwnership(address)
  "0xab033ea9", // setGovernance(address)
  "0xcfad57a2", // setGov(address)
  "0x92eefe9b", // setController(address)
  "0x880cdc31", // updateOwner(address)
  "0x7cb97b2b", // set_owner(address)
]);

/** Functions that say anew who is entitled to what: the root of a tree of claims. */
const entitlements: ReadonlySet<string> = new Set([
  "0x7cb64759", // setMerkleRoot(bytes32)
  "0x4783f0ef", // updateMerkleRoot(bytes32)
  "0xdab5f340", // setRoot(bytes32)
]);

/**
 * Self-appointment (weight 2, 1 where one outsider's is all that is taken and nothing of it is sold here): the actors' contract
 * makes itself the one that rules an outsider, and afterwards that outsider is called by it and gives what they keep. By a function of
 * any name and four words at least, where the actors name one of themselves, are paid, and then name somebody else with the same other
 * words: what was set up is left as it was found. Less than that, a receiver of a reward say, is set and set back by honest
 * scripts; and a call by which anything moves puts nobody in a place, but divides. Ruled is also what is told anew
 * who may claim, and is claimed from.
 *
 * Who rules already has no need to, and whoever hands over names somebody else; one of several places may be filled by oneself,
 * so that functions which add one are left out. A Safe or a deployer may take back what is stuck. Source: Value DeFi (2021), FPR
 * (2022); GalaxyFox (2024); vaults that anybody could set up again, of which a tree of 2020 was read. Evasion: another name and no return, or oneself in three places; an address that
 * only receives; taking the money in a later transaction.
 */
export function findSelfAppointment(story: Story, gain: KeptGain): Sign | undefined {
  const sources = new Set(sourcesOf(story, gain));
  const ruled = new Set<Address>();
  const victims = new Set<Address>();
  for (const visit of story.direct) {
    const { context } = visit;
    if (story.made.has(context)) continue;
    if (isOfItself(visit) || entitlements.has(visit.selector)) ruled.add(context);
    else if (ruled.has(context) && sources.has(context) && hasLess(story, context)) victims.add(context);
  }
  for (const lender of payersOnLoan(story)) victims.add(lender);
  if (victims.size === 0) return undefined;
  const weight = victims.size > 1 || isSold(story, victims) ? 2 : 1;
  return { name: "self-appointment", weight, victims: [...victims], count: victims.size };
}

/**
 * Who paid the actors while one of them sat in a place of his that was given back. What passes on what it takes out elsewhere has no
 * less in a bare tree, which shows no share that is burned.
 */
function payersOnLoan(story: Story): ReadonlySet<Address> {
  const seats = borrowedSeats(story);
  const payers = new Set<Address>();
  if (seats.size === 0) return payers;
  const lentUntil = new Map<Address, number>();
  for (const visit of story.acts) {
    const { context, order, frame } = visit;
    const until = seats.get(order);
    if (until !== undefined) lentUntil.set(context, Math.max(until, lentUntil.get(context) ?? 0));
    const claim = readTransferCall(visit) ?? (frame.value > 0n ? frame : undefined);
    if (claim === undefined || order >= (lentUntil.get(claim.from) ?? 0)) continue;
    if (story.actors.has(claim.to) || story.purses.has(claim.to)) payers.add(claim.from);
  }
  return payers;
}

/**
 * Until which visit one of the actors sat where a visit put it: a later one names somebody else with the same other words. Neither
 * moves anything, and who was named last is paid nothing by whom he rules: a keeper goes from one of his customers to the next.
 */
function borrowedSeats(story: Story): ReadonlyMap<number, number> {
  const open = new Map<string, number>();
  const places = new Set<string>();
  const returned: { since: number; until: number; way: string }[] = [];
  for (const visit of story.direct) {
    const { frame, context, order } = visit;
    const { length } = frame.input;
    if (length < 10 + 64 * fewWords || length > 10 + 64 * mostWords) continue;
    if (story.made.has(context) || !isIdle(visit, story)) continue;
    const words = wordsOf(frame.input);
    const seats = words.map((word): Address | undefined =>
      word.startsWith(noAddress) ? `0x${word.slice(24)}` : undefined,
    );
    const isOurs = seats.map((seat) => seat !== undefined && story.actors.has(seat));
    if (isOurs.filter(Boolean).length > mostSeats) continue;
    const what = `${context}${frame.input.slice(0, 10)}`;
    for (const [i, seat] of seats.entries()) {
      const place = `${what}${i}`;
      // Somebody else is looked for only where one of the actors has sat.
      if (seat === undefined || !(isOurs[i] || places.has(place))) continue;
      const at = 10 + 64 * i;
      const key = `${place} ${frame.input.slice(10, at)} ${frame.input.slice(at + 64)}`;
      const since = open.get(key);
      places.add(place);
      if (isOurs[i]) open.set(key, since ?? order);
      else if (since !== undefined) {
        returned.push({ since, until: order, way: `${context}${seat}` });
        open.delete(key);
      }
    }
  }
  const ways = new Set(returned.length === 0 ? [] : story.moves.map(({ from, to }) => `${from}${to}`));
  return new Map(returned.flatMap(({ since, until, way }) => (ways.has(way) ? [] : [[since, until]])));
}

const noAddress = "0".repeat(24);

function wordsOf(input: Hex): readonly string[] {
  return input.slice(10).match(/.{64}/g) ?? [];
}

/** Whether the actors gave some of what `victims` lost to somebody who deals in it. */
function isSold({ moves, net, actors, purses }: Story, victims: ReadonlySet<Address>): boolean {
  const loot = new Set(
    [...victims].flatMap((a) => [...(net.get(a) ?? [])].flatMap(([asset, n]) => (n < 0n ? [asset] : []))),
  );
  const isDealer = (a: Address) => !actors.has(a) && !purses.has(a) && !victims.has(a);
  return moves.some(({ asset, from, to }) => loot.has(asset) && actors.has(from) && isDealer(to));
}

function isOfItself({ frame: { input, from }, selector }: Visit): boolean {
  return appointments.has(selector) && input.length === 74 && input.slice(34, 74) === from.slice(2);
}

function hasLess({ net }: Story, a: Address): boolean {
  return [...(net.get(a) ?? [])].some(([asset, n]) => n < 0n && !isDust(asset, -n));
}
