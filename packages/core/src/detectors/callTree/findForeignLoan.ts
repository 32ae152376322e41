import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { flashCallbacks } from "../../signs/FlashLoan.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Foreign loan (weight 2): the actors' code has a lender call the flash loan's callback of an outsider, who then acts on
 * third parties: whoever trusts the lender alone does what the actors wrote.
 *
 * A receiver that calls the actors back, or pays them, is their own helper, and one that asked the lender itself is its own master.
 * Source: published accounts of Prisma (March 2024); no tree of it was at hand. Evasion: a callback that is not among
 * the known ones; a loan asked for by the sender itself, which nobody can tell from a contract of his own.
 */
export function findForeignLoan(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.acts)
    if (isForeign(visit, story) && actsOnOthers(visit, visit.parent!.context, story)) victims.add(visit.context);
  if (victims.size === 0) return undefined;
  return { name: "foreign-loan", weight: 2, victims: [...victims], count: victims.size };
}

/** Whether a lender that the actors' code asked calls an outsider's callback, nobody else in between. */
function isForeign(visit: Visit, { actors, made }: Story): boolean {
  const { frame, context, parent } = visit;
  if (parent === undefined || frame.type !== "CALL" || !flashCallbacks.has(visit.selector)) return false;
  if (context === parent.context || actors.has(context) || made.has(context) || actors.has(parent.context))
    return false;
  let asked = parent;
  while (asked.parent !== undefined && asked.parent.context === parent.context) asked = asked.parent;
  return asked.frame.type === "CALL" && asked.parent !== undefined && actors.has(asked.parent.context);
}

/** Whether the receiver deals with third parties, and neither calls nor pays the actors. */
function actsOnOthers(callback: Visit, lender: Address, { actors, visits }: Story): boolean {
  let acts = false;
  for (let at = callback.order + 1; at <= callback.end; at += 1) {
    const { frame, parent, context, reverted, isStatic, selector: name } = visits[at]!;
    if (reverted || isStatic || frame.type !== "CALL" || parent?.context !== callback.context) continue;
    if (actors.has(context) || (name === selector.transfer && actors.has(`0x${frame.input.slice(34, 74)}`)))
      return false;
    if (context !== lender && context !== callback.context && !everyday.has(name)) acts = true;
  }
  return acts;
}
