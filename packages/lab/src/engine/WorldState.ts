// The state that an engine works on: what its source gave, and what was written since, with every write in a journal.
// A mark is a length of the journal. Going back to one applies the older values in reverse order; each of them leaves
// the newer one behind, so that a read at a mark can go back and come forward again.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type AccountState, type EvmMark, MarkGone, type StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { fromHex, toHex } from "../record/bytes.ts";

/** An account at work. Frozen: a write replaces it. `code` is undefined where it is not known. */
export interface WorldAccount {
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array | undefined;
  readonly codeHash: Uint8Array;
}

interface Slots {
  readonly words: Map<Hex, Uint8Array>;
  /** Whether a word that is not here may be asked of the source; not for an account that was made or emptied here. */
  readonly hasSource: boolean;
}

type Write =
  | { readonly kind: "account"; readonly address: Address; readonly was: WorldAccount | undefined }
  | { readonly kind: "slot"; readonly address: Address; readonly key: Hex; readonly was: Uint8Array }
  | { readonly kind: "slots"; readonly address: Address; readonly was: Slots | undefined };

export interface WorldState {
  account(address: Address): Promise<WorldAccount | undefined>;
  setAccount(address: Address, account: WorldAccount | undefined): Promise<void>;
  slot(address: Address, key: Hex): Promise<Uint8Array>;
  setSlot(address: Address, key: Hex, word: Uint8Array): Promise<void>;
  clearSlots(address: Address): void;
  mark(): EvmMark;
  revert(mark: EvmMark): void;
  /** Goes back to `mark`; what is returned comes forward again. Nothing may be written in between. */
  rewind(mark: EvmMark): () => void;
}

export const emptyCode = new Uint8Array(0);
export const emptyCodeHash = keccak_256(emptyCode);
// Any hash that is not that of no code: the account has code, and nobody knows which.
const unknownCodeHash = keccak_256(new TextEncoder().encode("unknown code"));
const zeroWord = new Uint8Array(32);

/** Opens a state over `source`. What it gave is kept and not asked again. */
export function openWorldState(source: StateSource): WorldState {
  const accounts = new Map<Address, WorldAccount | undefined>();
  const slots = new Map<Address, Slots>();
  const journal: Write[] = [];

  const slotsOf = (address: Address): Slots => {
    const known = slots.get(address);
    if (known !== undefined) return known;
    const own = { words: new Map<Hex, Uint8Array>(), hasSource: true };
    slots.set(address, own);
    return own;
  };

  async function account(address: Address): Promise<WorldAccount | undefined> {
    if (accounts.has(address)) return accounts.get(address);
    const found = fromSource(await source.account(address));
    accounts.set(address, found);
    return found;
  }

  async function slot(address: Address, key: Hex): Promise<Uint8Array> {
    const { words, hasSource } = slotsOf(address);
    const known = words.get(key);
    if (known !== undefined) return known;
    const word = hasSource ? fromHex(await source.slot(address, key)) : zeroWord;
    words.set(key, word);
    return word;
  }

  /** Applies an older value and returns what leads back to the newer one. */
  function swap(write: Write): Write {
    const { address } = write;
    switch (write.kind) {
      case "account": {
        const now: Write = { kind: "account", address, was: accounts.get(address) };
        accounts.set(address, write.was);
        return now;
      }
      case "slot": {
        const { words } = slotsOf(address);
        const now: Write = { kind: "slot", address, key: write.key, was: words.get(write.key)! };
        words.set(write.key, write.was);
        return now;
      }
      case "slots": {
        const now: Write = { kind: "slots", address, was: slots.get(address) };
        if (write.was === undefined) slots.delete(address);
        else slots.set(address, write.was);
        return now;
      }
      default:
        return never(write);
    }
  }

  function unwind(mark: EvmMark): Write[] {
    if (mark > journal.length) throw new MarkGone(mark, journal.length);
    const taken: Write[] = [];
    while (journal.length > mark) taken.push(swap(journal.pop()!));
    return taken;
  }

  return {
    account,
    async setAccount(address, now) {
      const was = await account(address);
      journal.push({ kind: "account", address, was });
      accounts.set(address, now === undefined ? undefined : Object.freeze(now));
    },
    slot,
    async setSlot(address, key, word) {
      const was = await slot(address, key);
      journal.push({ kind: "slot", address, key, was });
      slotsOf(address).words.set(key, word);
    },
    clearSlots(address) {
      journal.push({ kind: "slots", address, was: slots.get(address) });
      slots.set(address, { words: new Map(), hasSource: false });
    },
    mark: () => journal.length,
    revert: (mark) => void unwind(mark),
    rewind(mark) {
      const taken = unwind(mark);
      return () => {
        unwind(mark);
        while (taken.length > 0) journal.push(swap(taken.pop()!));
      };
    },
  };
}

function fromSource(found: AccountState | undefined): WorldAccount | undefined {
  if (found === undefined) return undefined;
  const { balance, nonce } = found;
  if (found.code === null)
    return { balance, nonce, code: undefined, codeHash: fromHex(found.codeHash ?? toHex(unknownCodeHash)) };
  const code = fromHex(found.code);
  return { balance, nonce, code, codeHash: code.length === 0 ? emptyCodeHash : keccak_256(code) };
}

function never(write: never): never {
  throw new TypeError(`Unknown write ${JSON.stringify(write)}.`);
}
