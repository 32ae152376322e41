import { zeroAddress } from "../../model/Asset.ts";
import { selectorOfVisit, type Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Third-party drain (weight 3): an outsider spends the allowance that somebody else gave it, the actors end up with the
 * token, and the owner, who runs no code here, ends with more of nothing.
 *
 * An order that is filled pays its maker, a marketplace its seller, a collector spends allowances itself. What is left is
 * a router, bridge or bot that can be told to call `transferFrom` on its users. Keys on the spender being no actor, and on
 * no signature of the owner being checked here.
 * Source: SushiSwap RouteProcessor2, Dexible, Socket. Evasion: sending dust to the owner; a receiver that runs code.
 */
export function findThirdParty(story: Story): Sign | undefined {
  const victims: Address[] = [];
  for (const visit of story.visits) {
    const owner = ownerOf(visit, story);
    if (owner !== undefined) victims.push(owner.owner, owner.spender);
  }
  if (victims.length === 0) return undefined;
  return { name: "third-party", weight: 3, victims: [...new Set(victims)], count: victims.length / 2 };
}

function ownerOf(visit: Visit, story: Story): { owner: Address; spender: Address } | undefined {
  const { frame } = visit;
  if (visit.reverted || visit.isStatic || frame.type !== "CALL" || selectorOfVisit(visit) !== selector.transferFrom)
    return;
  if (frame.input.length < 202 || /^0x0+$/.test(frame.output)) return;
  const owner: Address = `0x${frame.input.slice(34, 74)}`;
  const to: Address = `0x${frame.input.slice(98, 138)}`;
  const amount = BigInt(`0x${frame.input.slice(138, 202)}`);
  const spender = frame.from;
  if (amount === 0n || owner === zeroAddress || owner === spender || story.actors.has(spender) || to === owner) return;
  if (story.actors.has(owner) || !(story.actors.has(to) || story.purses.has(to))) return;
  if (isPassedOn(visit)) return;
  const own = story.net.get(owner);
  if ([...(own?.values() ?? [])].some((n) => n > 0n)) return;
  if (story.visits.some((v) => (v.context === owner && v.frame.input !== "0x") || isSignedBy(v, owner))) return;
  return { owner, spender };
}

/** The precompile that recovers a signer gave this address: the owner has signed for it. */
function isSignedBy({ frame }: Visit, owner: Address): boolean {
  return frame.to === ecrecover && frame.output.slice(-40) === owner.slice(2);
}

const ecrecover: Address = `0x${"1".padStart(40, "0")}`;

/** A token in two parts hands the call on to itself; who spends is then whoever called the first part. */
function isPassedOn({ frame, parent }: Visit): boolean {
  return parent !== undefined && parent.frame.input.slice(0, 138) === frame.input.slice(0, 138);
}
