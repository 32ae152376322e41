import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

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

/**
 * Self-appointment (weight 2, 1 where one outsider's is all that is taken and nothing of it is sold here): the actors' contract
 * makes itself the one that rules an outsider, and afterwards that outsider is called by it and gives what they keep.
 *
 * Who rules already has no need to, and whoever hands over names somebody else; one of several places may be filled by oneself,
 * so that functions which add one are left out. A Safe or a deployer may take back what is stuck. Source: Value DeFi (2021), FPR
 * (2022). Evasion: another name; an address that only receives; taking the money in a later transaction.
 */
export function findSelfAppointment(story: Story, gain: KeptGain): Sign | undefined {
  const sources = new Set(sourcesOf(story, gain));
  const ruled = new Set<Address>();
  const victims = new Set<Address>();
  for (const visit of story.direct) {
    const { context } = visit;
    if (isOfItself(visit) && !story.made.has(context)) ruled.add(context);
    else if (ruled.has(context) && sources.has(context) && hasLess(story, context)) victims.add(context);
  }
  if (victims.size === 0) return undefined;
  const weight = victims.size > 1 || isSold(story, victims) ? 2 : 1;
  return { name: "self-appointment", weight, victims: [...victims], count: victims.size };
}

/** Whether the actors gave some of what `victims` lost to somebody who deals in it. */
function isSold({ moves, net, actors, purses }: Story, victims: ReadonlySet<Address>): boolean {
  const loot = new Set([...victims].flatMap((a) => [...net.get(a)!].flatMap(([asset, n]) => (n < 0n ? [asset] : []))));
  const isDealer = (a: Address) => !actors.has(a) && !purses.has(a) && !victims.has(a);
  return moves.some(({ asset, from, to }) => loot.has(asset) && actors.has(from) && isDealer(to));
}

function isOfItself({ frame: { input, from }, selector }: Visit): boolean {
  return appointments.has(selector) && input.length === 74 && input.slice(34, 74) === from.slice(2);
}

function hasLess({ net }: Story, a: Address): boolean {
  return [...(net.get(a) ?? [])].some(([asset, n]) => n < 0n && !isDust(asset, -n));
}
