import { keccak_256 } from "@noble/hashes/sha3.js";
import { encodeRlp, toShortBytes } from "../encodeRlp.ts";
import type { StateAccount, StateAccounts } from "./StateTestEngine.ts";
import { emptyTrieRoot, trieRoot } from "./trieRoot.ts";

/** Root hash of a state, as block headers have it: the secure trie over all accounts that are there, empty ones included. */
export function stateRoot(accounts: StateAccounts): Uint8Array {
  return trieRoot(
    [...accounts].map(([address, account]) => ({ key: hashOfAddress(address), value: encodeAccount(account) })),
  );
}

function encodeAccount({ nonce, balance, storage, code }: StateAccount): Uint8Array {
  return encodeRlp([toShortBytes(nonce), toShortBytes(balance), storageRoot(storage), hashOfCode(code)]);
}

function storageRoot(storage: ReadonlyMap<bigint, bigint>): Uint8Array {
  if (storage.size === 0) return emptyTrieRoot;
  const entries = [];
  for (const [slot, value] of storage)
    if (value !== 0n) entries.push({ key: hashOfSlot(slot), value: encodeRlp(toShortBytes(value)) });
  return trieRoot(entries);
}

// The suite uses the same few addresses, slots and codes over and over, and hashing is nearly all that a root costs.
const hashes = new Map<string | bigint, Uint8Array>();
const codeHashes = new WeakMap<Uint8Array, Uint8Array>();
const mostHashes = 50_000;

function hashOfAddress(address: string): Uint8Array {
  return hashOnce(address, () => Buffer.from(address.slice(2), "hex"));
}

function hashOfSlot(slot: bigint): Uint8Array {
  return hashOnce(slot, () => Buffer.from(slot.toString(16).padStart(64, "0"), "hex"));
}

function hashOnce(of: string | bigint, bytes: () => Uint8Array): Uint8Array {
  const known = hashes.get(of);
  if (known !== undefined) return known;
  if (hashes.size >= mostHashes) hashes.clear();
  const hash = keccak_256(bytes());
  hashes.set(of, hash);
  return hash;
}

function hashOfCode(code: Uint8Array): Uint8Array {
  const hash = codeHashes.get(code) ?? keccak_256(code);
  codeHashes.set(code, hash);
  return hash;
}
