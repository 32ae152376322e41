import type { StateAccount, StateAccounts } from "../conformance/StateTestEngine.ts";
import type { Address } from "../hex.ts";
import type { Engine } from "../openEngine.ts";

/**
 * In what account or slot the engine's state differs from the other, or undefined. What the engine never looked at has to be
 * as it was `before`.
 */
export function compareStates(engine: Engine, theirs: StateAccounts, before: StateAccounts): string | undefined {
  const ours = engine.accounts();
  for (const address of new Set([...ours.keys(), ...theirs.keys(), ...before.keys()]) as Set<Address>) {
    const isSeen = engine.account(address) !== undefined;
    const mine = isSeen ? ours.get(address) : before.get(address);
    const other = theirs.get(address);
    if (mine === undefined && other === undefined) continue;
    if (mine === undefined) return `${address} is not there, and the peer has it`;
    if (other === undefined) return `${address} is there, and the peer does not have it`;
    const wordAt = (key: bigint): bigint => engine.slot(address, key) ?? before.get(address)?.storage.get(key) ?? 0n;
    const found = compareAccounts(mine as StateAccount, other, wordAt);
    if (found !== undefined) return `${address} ${found}`;
  }
  return undefined;
}

function compareAccounts(mine: StateAccount, other: StateAccount, wordAt: (key: bigint) => bigint): string | undefined {
  if (mine.balance !== other.balance) return `has ${mine.balance} wei, the peer ${other.balance}`;
  if (mine.nonce !== other.nonce) return `has nonce ${mine.nonce}, the peer ${other.nonce}`;
  if (!isSame(mine.code, other.code)) return "has other code than the peer";
  for (const key of new Set([...mine.storage.keys(), ...other.storage.keys()])) {
    const their = other.storage.get(key) ?? 0n;
    if (wordAt(key) !== their) return `has ${wordAt(key)} in slot 0x${key.toString(16)}, the peer ${their}`;
  }
  return undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
