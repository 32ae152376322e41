import { zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import { flashCallbacks } from "../../model/FlashLoan.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { poolCallbacks, swapCallbacks, tokenHooks } from "../../model/PoolCallback.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** Where no contract stands: the zero address, and what stands for the coin of the chain. */
const nobody: ReadonlySet<Address> = new Set([zeroAddress, "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]);

/**
 * Hollow payment (weight 3): an outsider takes for paid what nobody paid. Either it pulls the actors' money from an address
 * without a contract, which answers every call with success; or it has a function of the actors' own code pay, which moves
 * nothing, and then has a token minted for them.
 *
 * Honest libraries look whether a token is a contract; who is asked to pay in a callback pays, or is told of what is minted
 * already. Callbacks of pools, lenders and token standards are left out. Source: Qubit (2022), Visor (2021). Evasion: a token
 * without value at an address of its own; moving dust in the callback.
 */
export function findHollowPayment(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.acts) {
    const taker = visit.parent?.context;
    if (taker === undefined || story.actors.has(taker)) continue;
    const isHollow = nobody.has(visit.context) ? isPull(visit, story) : isFreeMint(visit, story);
    if (isHollow) victims.add(taker);
  }
  if (victims.size === 0) return undefined;
  return { name: "hollow-payment", weight: 3, victims: [...victims], count: victims.size };
}

function isPull(visit: Visit, { actors }: Story): boolean {
  const claim = readTransferCall(visit);
  return visit.selector === selector.transferFrom && claim !== undefined && actors.has(claim.from);
}

function isFreeMint(mint: Visit, story: Story): boolean {
  if (mint.selector !== selector.mint || !story.actors.has(`0x${mint.frame.input.slice(34, 74)}`)) return false;
  let entry = mint.parent!;
  while (entry.parent !== undefined && !story.actors.has(entry.parent.context)) entry = entry.parent;
  if (entry.frame.value > 0n || story.made.has(mint.context)) return false;
  const hasPaid = story.moves.some(
    ({ asset, from, to }) => story.actors.has(from) && !story.actors.has(to) && asset !== mint.context,
  );
  return !hasPaid && story.visits.slice(entry.order + 1, mint.order).some((visit) => isAskedInVain(visit, story));
}

/** Whether an outsider calls the actors' code, by no standard's callback, and nothing moves below. */
function isAskedInVain({ frame, context, parent, selector: name, reverted, isStatic }: Visit, story: Story): boolean {
  if (reverted || isStatic || frame.type !== "CALL" || name.length < 10) return false;
  if (!story.actors.has(context) || parent === undefined || story.actors.has(parent.context)) return false;
  return ![flashCallbacks, swapCallbacks, poolCallbacks, tokenHooks].some((known) => known.has(name));
}
