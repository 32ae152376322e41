import { selectorOfVisit, type Visit } from "../../model/CallTree.ts";
import { flashCallbacks } from "../../model/FlashLoan.ts";
import type { Address } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
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
  for (const asked of story.direct) {
    if (asked.end === asked.order || everyday.has(selectorOfVisit(asked))) continue;
    for (let at = asked.order + 1; at <= asked.end; at += 1) {
      const callback = story.visits[at]!;
      if (isForeign(callback, asked, story) && actsOnOthers(callback, asked.context, story))
        victims.add(callback.context);
    }
  }
  if (victims.size === 0) return undefined;
  return { name: "foreign-loan", weight: 2, victims: [...victims], count: victims.size };
}

/** Whether the lender that was `asked` calls an outsider's callback, nobody else in between. */
function isForeign(visit: Visit, asked: Visit, { actors, made }: Story): boolean {
  const { frame, context, parent } = visit;
  if (visit.reverted || visit.isStatic || frame.type !== "CALL" || !flashCallbacks.has(selectorOfVisit(visit)))
    return false;
  if (context === asked.context || actors.has(context) || made.has(context)) return false;
  let outermost = parent;
  while (outermost !== asked && outermost?.context === asked.context) outermost = outermost.parent;
  return outermost === asked;
}

/** Whether the receiver deals with third parties, and neither calls nor pays the actors. */
function actsOnOthers(callback: Visit, lender: Address, { actors, visits }: Story): boolean {
  let acts = false;
  for (let at = callback.order + 1; at <= callback.end; at += 1) {
    const { frame, parent, context, reverted, isStatic } = visits[at]!;
    if (reverted || isStatic || frame.type !== "CALL" || parent?.context !== callback.context) continue;
    const name = selectorOf(frame.input);
    if (actors.has(context) || (name === selector.transfer && actors.has(`0x${frame.input.slice(34, 74)}`)))
      return false;
    if (context !== lender && context !== callback.context && !everyday.has(name)) acts = true;
  }
  return acts;
}
