// Whose code an address runs may change without a word of its own storage: in the beacon that it asks, or by a delegation.
import type { Address, Hex } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import type { TxView } from "../../model/TxView.ts";
import { implementationCall } from "../../signs/proxyOf.ts";
import type { Moved } from "./movedSlots.ts";

type ReadAll = (reads: readonly StateRead[]) => readonly StateAnswer[];

/** Which of `beacons` point elsewhere than at the parent block. One that answers at neither is none. */
export function movedBeacons(beacons: readonly Address[], readAll: ReadAll): Moved[] {
  const data = implementationCall;
  return movedAmong(beacons, "beacon's implementation", readAll, (to, at) => ({ kind: "call", at, to, data }));
}

/** Which of `accounts` have other code than at the parent block: a delegation came into force, or ended (EIP-7702). */
export function movedDelegates(accounts: readonly Address[], readAll: ReadAll): Moved[] {
  return movedAmong(accounts, "delegate", readAll, (address, at) => ({ kind: "code", at, address }));
}

function movedAmong(
  addresses: readonly Address[],
  name: string,
  readAll: ReadAll,
  readOf: (address: Address, at: "parent" | "block") => StateRead,
): Moved[] {
  const answers = readAll(addresses.flatMap((address) => [readOf(address, "parent"), readOf(address, "block")]));
  const told = (i: number): Hex | undefined => {
    const answer = answers[i];
    return answer?.ok === true ? answer.value : undefined;
  };
  return addresses.flatMap((address, i): Moved[] => {
    const [before, after] = [told(2 * i), told(2 * i + 1)];
    return before === undefined || after === undefined || before === after ? [] : [{ address, name, before, after }];
  });
}

/** The transactions that carry a delegation which an account of `set` signed, by the account. */
export function delegatedIn(txs: readonly TxView[], set: ReadonlySet<Address>): Map<Address, TxView[]> {
  const found = new Map<Address, TxView[]>();
  for (const view of txs)
    for (const { authority } of view.tx.delegations ?? []) {
      if (!set.has(authority) || found.get(authority)?.at(-1) === view) continue;
      found.set(authority, [...(found.get(authority) ?? []), view]);
    }
  return found;
}
