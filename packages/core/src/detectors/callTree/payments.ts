import type { Visit } from "../../model/CallTree.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import type { Story } from "./Story.ts";

/** How often, up to each visit and with it, the actors were paid by outsiders' calls, and had something taken. */
export interface Payments {
  readonly paid: Uint32Array;
  readonly taken: Uint32Array;
}

const counted = new WeakMap<Story, Payments>();

/** Counted once for a story: calls lie within calls, and each of them may be asked for. */
export function paymentsOf(story: Story): Payments {
  const known = counted.get(story);
  if (known !== undefined) return known;
  const { visits, actors } = story;
  const [paid, taken] = [new Uint32Array(visits.length), new Uint32Array(visits.length)];
  visits.forEach((visit, i) => {
    const claim = readTransferCall(visit);
    const { frame, reverted, context } = visit;
    const isValue = frame.type === "CALL" && frame.value > 0n && !reverted && actors.has(context);
    paid[i] = (paid[i - 1] ?? 0) + (isValue || (claim !== undefined && actors.has(claim.to)) ? 1 : 0);
    taken[i] = (taken[i - 1] ?? 0) + (claim !== undefined && actors.has(claim.from) ? 1 : 0);
  });
  const payments = { paid, taken };
  counted.set(story, payments);
  return payments;
}

/** Of `counts`, those after `order` and up to the end of `within`. */
export function countIn(counts: Uint32Array, { end }: Visit, order: number): number {
  return counts[end]! - counts[order]!;
}
