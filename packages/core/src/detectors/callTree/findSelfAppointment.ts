import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

// With less nothing is set up, and a call with more says other things than who rules.
const [fewWords, mostWords] = [3, 16];

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
 * any name and three words at least, where it is called a second time with the same words but for another's address in the place of its
 * own: what was set up is left as it was found. One word alone, a receiver say, is set and set back by honest scripts. So is who says
 * anew who may claim, and claims.
 *
 * Who rules already has no need to, and whoever hands over names somebody else; one of several places may be filled by oneself,
 * so that functions which add one are left out. A Safe or a deployer may take back what is stuck. Source: Value DeFi (2021), FPR
 * (2022); GalaxyFox (2024); vaults that anybody could set up again, of which a tree of 2020 was read. Evasion: another name and no return; an address that
 * only receives; taking the money in a later transaction.
 */
export function findSelfAppointment(story: Story, gain: KeptGain): Sign | undefined {
  const sources = new Set(sourcesOf(story, gain));
  const ruled = new Set<Address>();
  const victims = new Set<Address>();
  const borrowed = borrowedSeats(story);
  // What passes on what it takes out elsewhere has no less in a bare tree, which shows no share that is burned.
  const givers = new Set(story.moves.flatMap(({ from, to }) => (story.actors.has(to) ? [from] : [])));
  const lent = new Set<Address>();
  for (const visit of story.direct) {
    const { context } = visit;
    if (story.made.has(context)) continue;
    if (borrowed.has(visit)) lent.add(context);
    if (isOfItself(visit) || borrowed.has(visit) || entitlements.has(visit.selector)) ruled.add(context);
    else if (lent.has(context) && givers.has(context)) victims.add(context);
    else if (ruled.has(context) && sources.has(context) && hasLess(story, context)) victims.add(context);
  }
  if (victims.size === 0) return undefined;
  const weight = victims.size > 1 || isSold(story, victims) ? 2 : 1;
  return { name: "self-appointment", weight, victims: [...victims], count: victims.size };
}

/** Calls by which the actors' contract put itself where by a later call, with the same other words, it put somebody else. */
function borrowedSeats({ direct, actors }: Story): Set<Visit> {
  const open = new Map<string, Visit>();
  const borrowed = new Set<Visit>();
  for (const visit of direct) {
    const { frame, context, selector } = visit;
    if (frame.input.length < 10 + 64 * fewWords || frame.input.length > 10 + 64 * mostWords) continue;
    const words: readonly string[] = frame.input.slice(10).match(/.{64}/g) ?? [];
    for (const [i, word] of words.entries()) {
      const seat: Address = `0x${word.slice(24)}`;
      if (BigInt(`0x${word}`) >> 160n !== 0n) continue;
      const key = `${context}${selector}${words.with(i, "").join()}`;
      if (seat === frame.from) open.set(key, visit);
      else if (!actors.has(seat) && open.has(key)) borrowed.add(open.get(key)!);
    }
  }
  return borrowed;
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
