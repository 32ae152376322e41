import type { Visit } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";
import { ecrecover } from "./signatures.ts";

/**
 * Void signature (weight 2): a contract that got nothing for what the actors took had a signature checked that is nobody's,
 * and paid all the same.
 *
 * Keys on the precompile answering nothing, or zero, to each question of a contract that lost (`unpaid`), after the last of
 * which it or somebody on its behalf moved what is its own. Whoever asks the signer's own contract next (ERC-1271) has
 * its word, and of several signatures one that is nobody's may be passed over; a blank one that only buys dearer is paid for.
 * Source: LegendaryMoneyMonNft (2026), whose signer was the zero address; the warning on `ecrecover` in Solidity's documentation. Evasion: a signature that
 * recovers to an account which nobody knows, where that is what is trusted.
 */
export function findVoidSignature(story: Story, unpaid: readonly Address[]): Sign | undefined {
  const among = new Set(unpaid);
  // When it asked for the last time; undefined where it once had an answer.
  const voidSince = new Map<Address, number | undefined>();
  for (const visit of story.visits) {
    const asker = visit.parent?.context;
    if (asker === undefined || visit.reverted || !among.has(asker)) continue;
    if (visit.frame.to === ecrecover) {
      const isAnswered = voidSince.has(asker) && voidSince.get(asker) === undefined;
      voidSince.set(asker, isAnswered || !isVoid(visit) ? undefined : visit.order);
    } else if (visit.selector === isValidSignature && voidSince.has(asker)) voidSince.set(asker, undefined);
  }
  const victims = [...voidSince].flatMap(([a, since]) =>
    since !== undefined && story.acts.some((v) => v.order > since && v.parent?.context === a) ? [a] : [],
  );
  return victims.length === 0 ? undefined : { name: "void-signature", weight: 2, victims, count: victims.length };
}

// Whoever gives it no gas, or no words, asks nothing.
const wordsAsked = 2 + 2 * 128;

function isVoid({ frame }: Visit): boolean {
  return frame.input.length >= wordsAsked && /^0x0*$/.test(frame.output);
}

const isValidSignature: Hex = "0x1626ba7e";
