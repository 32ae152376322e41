import { SimpleStateManager } from "@ethereumjs/statemanager";
import { Account, Address, bytesToHex, hexToBytes } from "@ethereumjs/util";
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { AddressHex, StateAccount, StateAccounts } from "./StateTestEngine.ts";

/**
 * The peer's state in maps, with a journal of what to undo: its own copies all it holds at each call, and the suite calls
 * a thousand deep.
 */
export class PeerState extends SimpleStateManager {
  readonly #undo: (() => void)[] = [];
  readonly #marks: number[] = [];

  override async getAccount(address: Address): Promise<Account | undefined> {
    return copyOf(this.topAccountStack().get(key(address)));
  }

  override async putAccount(address: Address, account?: Account): Promise<void> {
    this.#set(this.topAccountStack(), key(address), copyOf(account));
  }

  override async deleteAccount(address: Address): Promise<void> {
    this.#set(this.topAccountStack(), key(address), undefined);
  }

  /** What was removed leaves its code behind in the peer's own. */
  override async getCode(address: Address): Promise<Uint8Array> {
    const isThere = this.topAccountStack().get(key(address))?.isContract() === true;
    return isThere ? super.getCode(address) : new Uint8Array(0);
  }

  override async putCode(address: Address, code: Uint8Array): Promise<void> {
    this.#set(this.topCodeStack(), key(address), code);
    await this.modifyAccountFields(address, { codeHash: keccak_256(code) });
  }

  override async putStorage(address: Address, slot: Uint8Array, value: Uint8Array): Promise<void> {
    this.#set(this.topStorageStack(), `${address.toString()}_${bytesToHex(slot)}`, value);
  }

  override async clearStorage(address: Address): Promise<void> {
    const slots = this.topStorageStack();
    for (const slot of slots.keys())
      if (slot.startsWith(`${address.toString()}_`)) this.#set(slots, slot, new Uint8Array(0));
  }

  override async checkpoint(): Promise<void> {
    this.#marks.push(this.#undo.length);
  }

  override async commit(): Promise<void> {
    this.#marks.pop();
  }

  override async revert(): Promise<void> {
    const mark = this.#marks.pop()!;
    while (this.#undo.length > mark) this.#undo.pop()!();
  }

  /** Puts an account of the state before there. */
  async begin(hex: AddressHex, { balance, nonce, code, storage }: StateAccount): Promise<void> {
    const address = new Address(hexToBytes(hex as `0x${string}`));
    const account = new Account(nonce, balance);
    // Not the true root; the peer only asks whether there is storage at all, when a creation meets it (EIP-7610).
    if (storage.size > 0) account.storageRoot = keccak_256(address.bytes);
    await this.putAccount(address, account);
    if (code.length > 0) await this.putCode(address, code);
    for (const [slot, value] of storage) await this.putStorage(address, toWord(slot), toWord(value));
  }

  /** All accounts as they stand. */
  accounts(): StateAccounts {
    const storages = new Map<string, Map<bigint, bigint>>();
    for (const [place, value] of this.topStorageStack()) {
      const [address, slot] = place.split("_") as [string, string];
      const storage = storages.get(address) ?? new Map<bigint, bigint>();
      storages.set(address, storage.set(BigInt(slot), value.length === 0 ? 0n : BigInt(bytesToHex(value))));
    }
    const post = new Map<AddressHex, StateAccount>();
    for (const [address, account] of this.topAccountStack()) {
      if (account === undefined) continue;
      const code = account.isContract() ? this.topCodeStack().get(address) : undefined;
      const storage = storages.get(address) ?? new Map();
      post.set(address, {
        balance: account.balance,
        nonce: account.nonce,
        code: code ?? new Uint8Array(0),
        storage,
      });
    }
    return post;
  }

  #set<V>(map: Map<string, V>, place: string, value: V): void {
    const before = map.get(place);
    const wasThere = map.has(place);
    this.#undo.push(() => {
      if (wasThere) map.set(place, before as V);
      else map.delete(place);
    });
    map.set(place, value);
  }
}

/** `value` in 32 bytes. */
export function toWord(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

function key(address: Address): `0x${string}` {
  return address.toString();
}

// The peer changes what it was given before it puts it back.
function copyOf(account: Account | undefined): Account | undefined {
  return account && Object.assign(Object.create(Object.getPrototypeOf(account)), account);
}
