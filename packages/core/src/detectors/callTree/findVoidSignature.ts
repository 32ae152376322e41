import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";
import { ecrecover } from "./signatures.ts";

/**
 * Void signature (weight 1): a contract that got nothing for what the actors took had a signature checked that is nobody's,
 * and paid all the same.
 *
 * Keys on the precompile answering nothing, or zero, to each question that a contract which lost (`unpaid`) puts within one call of it, and
 * on nobody else being asked there, balances apart: the signer's own contract (ERC-1271), a validator or another curve may have given the word. After
 * the last of them it hands on what is its own. A blank signature may also stand for a discount that was not asked for, in a withdrawal of what
 * one has in its books, so that the sign is not critical without another, as that the payer was emptied.
 * Source: LegendaryMoneyMonNft (2026), whose signer was the zero address; the warning on `ecrecover` in Solidity's documentation. Evasion: a payer that
 * has another contract check, or asks one anything beside, as a proxy does its beacon; a signature that recovers to an account which nobody knows, where that is what is trusted.
 */
export function findVoidSignature(story: Story, unpaid: readonly Address[]): Sign | undefined {
  const among = new Set(unpaid);
  const checks = new Map<Visit, Check>();
  for (const visit of story.visits) {
    const asker = visit.parent?.context;
    if (asker === undefined || visit.reverted || !among.has(asker)) continue;
    const entry = entryInto(visit.parent!);
    const check = checks.get(entry) ?? { isVoid: false, isAnswered: false, hasPaid: false };
    checks.set(entry, check);
    if (visit.frame.to === ecrecover) {
      check.isVoid = true;
      check.isAnswered ||= !isVoid(visit);
      check.hasPaid = false;
    } else if (visit.isStatic) check.isAnswered ||= visit.selector !== selector.balanceOf;
    else check.hasPaid ||= check.isVoid && isPayment(visit, asker);
  }
  const victims = new Set<Address>();
  for (const [{ context }, { hasPaid, isAnswered }] of checks) if (hasPaid && !isAnswered) victims.add(context);
  return victims.size === 0
    ? undefined
    : { name: "void-signature", weight: 1, victims: [...victims], count: victims.size };
}

/** What a contract heard within one call of it. */
interface Check {
  isVoid: boolean;
  isAnswered: boolean;
  /** Whether it handed on anything after the last question. */
  hasPaid: boolean;
}

/** The outermost call of the contract that `visit` runs in, while it is not left. */
function entryInto(visit: Visit): Visit {
  let entry = visit;
  while (entry.parent?.context === visit.context) entry = entry.parent;
  return entry;
}

function isPayment(visit: Visit, payer: Address): boolean {
  const claim = readTransferCall(visit);
  return claim === undefined ? visit.frame.value > 0n : claim.from === payer;
}

// Whoever gives it no words asks nothing.
const lengthAsked = 2 + 2 * 128;

function isVoid({ frame }: Visit): boolean {
  return frame.input.length >= lengthAsked && /^0x0*$/.test(frame.output);
}
