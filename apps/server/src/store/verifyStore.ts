import { type EvidenceHead, readHead } from "./loadState.ts";
import type { Store } from "./Store.ts";
import type { FaultDraft, StoreFault } from "./StoreFault.ts";
import { findChainFault } from "./verifyChain.ts";
import { findNoticeFault, findSumFault, findTransactionFault } from "./verifyTables.ts";

/** What was checked. `fault` is undefined when everything holds. */
export interface Verdict {
  readonly fault: StoreFault | undefined;
  readonly head: EvidenceHead;
  readonly links: number;
  readonly records: number;
}

/**
 * Recomputes every id and checksum of `store` and reports the first fault (RESP-13). Rows cut off at the end of the
 * chain cannot be seen from inside: pass `expectedHead`, a head that was printed before and kept elsewhere.
 */
export async function verifyStore(store: Store, expectedHead?: EvidenceHead): Promise<Verdict> {
  const chain = await findChainFault(store, expectedHead);
  const draft =
    chain.fault ?? (await findNoticeFault(store)) ?? (await findTransactionFault(store)) ?? (await findSumFault(store));
  const fault = draft && { ...draft, wayOut: wayOutOf(draft) };
  return { fault, head: await readHead(store), links: chain.links, records: chain.records };
}

function wayOutOf({ table, sequence }: FaultDraft): string {
  switch (table) {
    case "evidence":
    case "records":
      return `Links before ${sequence ?? 0} hold. Keep a copy of the folder for the inquiry, then restore a backup whose head is known.`;
    case "transactions":
    case "nonces":
      return "Send nothing from this folder: disarm, compare the sender's nonce on chain, then restore a backup.";
    case "notices":
    case "outbox":
      return "Alerts may be missing or altered: tell the receivers, then restore a backup.";
    default:
      return "The detectors' memory is not what was written: restore a backup, or start with an empty folder and back-fill.";
  }
}
