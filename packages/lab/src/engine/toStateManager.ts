import type { StateManagerInterface } from "@ethereumjs/common";
import { Account, type Address as EngineAddress } from "@ethereumjs/util";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { StateMissing } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { toHex } from "../record/bytes.ts";
import { isDelegated } from "../record/isDelegated.ts";
import { emptyCode, emptyCodeHash, type WorldAccount, type WorldState } from "./WorldState.ts";

// One INVALID. EXTCODESIZE of code that is not known has to tell that there is some; whoever enters it is stopped before.
const unknownCode = Uint8Array.of(0xfe);
const noAccount: WorldAccount = { balance: 0n, nonce: 0n, code: emptyCode, codeHash: emptyCodeHash };

export interface WorldManager extends StateManagerInterface {
  /** The code that is asked for next at `address` will be run: throws StateMissing then where it is not known. */
  entering(address: Address): void;
  /** Drops what is left of a run that was broken off. */
  forget(): void;
}

/** `world` in the shape in which the engine asks for state. Its checkpoints are marks of the world. */
export function toStateManager(world: WorldState): WorldManager {
  const checkpoints: number[] = [];
  // Words as they were when the transaction began, for the price of SSTORE.
  const original = new Map<string, Uint8Array>();

  async function change(address: Address, fields: Partial<WorldAccount>): Promise<void> {
    await world.setAccount(address, { ...((await world.account(address)) ?? noAccount), ...fields });
  }

  let entered: Address | undefined;

  async function codeOf(address: Address): Promise<Uint8Array> {
    const account = await world.account(address);
    const code = account === undefined ? emptyCode : account.code;
    if (address !== entered) return code ?? unknownCode;
    if (code === undefined) throw new StateMissing("missing-code", `The code of ${address}`);
    // An account of EIP-7702 runs the code of another one.
    entered = isDelegated(code) ? toHex(code.subarray(3, 23)) : undefined;
    return code;
  }

  return {
    async getAccount(address) {
      const found = await world.account(at(address));
      return found && new Account(found.nonce, found.balance, undefined, found.codeHash);
    },
    async putAccount(address, account) {
      if (account === undefined) return world.setAccount(at(address), undefined);
      await change(at(address), { nonce: account.nonce, balance: account.balance });
    },
    async deleteAccount(address) {
      await world.setAccount(at(address), undefined);
      world.clearSlots(at(address));
    },
    async modifyAccountFields(address, { nonce, balance }) {
      await change(at(address), {
        ...(nonce === undefined ? {} : { nonce }),
        ...(balance === undefined ? {} : { balance }),
      });
    },
    async putCode(address, code) {
      await change(at(address), { code, codeHash: code.length === 0 ? emptyCodeHash : keccak_256(code) });
    },
    getCode: (address) => codeOf(at(address)),
    getCodeSize: async (address) => (await codeOf(at(address))).length,
    getStorage: (address, key) => world.slot(at(address), toHex(key)),
    async putStorage(address, key, value) {
      const [owner, name] = [at(address), toHex(key)];
      const id = `${owner}${name}`;
      if (!original.has(id)) original.set(id, await world.slot(owner, name));
      await world.setSlot(owner, name, padded(value));
    },
    async clearStorage(address) {
      world.clearSlots(at(address));
    },
    async checkpoint() {
      checkpoints.push(world.mark());
    },
    async commit() {
      checkpoints.pop();
    },
    async revert() {
      world.revert(checkpoints.pop()!);
    },
    originalStorageCache: {
      get: async (address, key) => {
        const [owner, name] = [at(address), toHex(key)];
        return original.get(`${owner}${name}`) ?? world.slot(owner, name);
      },
      clear: () => original.clear(),
    },
    // Receipts before Byzantium hold one; nobody reads those here.
    getStateRoot: async () => new Uint8Array(32),
    setStateRoot: async () => refuse(),
    hasStateRoot: async () => false,
    clearCaches: () => {},
    shallowCopy: () => refuse(),
    entering(address) {
      entered = address;
    },
    forget() {
      checkpoints.length = 0;
      original.clear();
      entered = undefined;
    },
  };
}

function at(address: EngineAddress): Address {
  return toHex(address.bytes);
}

// The engine strips leading zeros off what it stores.
function padded(value: Uint8Array): Uint8Array {
  if (value.length === 32) return value;
  const word = new Uint8Array(32);
  word.set(value, 32 - value.length);
  return word;
}

function refuse(): never {
  throw new TypeError("An engine's state has no root.");
}
