// What a forked node has been shown of a world: the values that it was served or given. A node keeps what it was served, so
// that a value which changed since has to be given anew, and what could not be served, but was, must not be believed.
import { StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { toHex } from "../record/bytes.ts";
import { isDelegated } from "../record/isDelegated.ts";
import type { DevNode } from "./DevNode.ts";
import { emptyCode, type WorldAccount, type WorldState } from "./WorldState.ts";

export interface Touched {
  readonly accounts: ReadonlySet<Address>;
  readonly slots: ReadonlyMap<Address, ReadonlySet<Hex>>;
}

export interface ShownState {
  /** What the node is served: the world as it stands, and a stand-in for what cannot be had. */
  readonly source: StateSource;
  /** Gives the node whatever it has otherwise than the world. False where it would have to lower a nonce and does not. */
  giveTo(node: DevNode): Promise<boolean>;
  /** Holds that the node knows `touched` as the world has it now. */
  noteTouched(touched: Touched): Promise<void>;
  /**
   * Looks again for what of `touched` was served as a stand-in. True where something has turned up, so that what ran has to
   * run again. Throws what the source throws where it still cannot be had.
   */
  settle(touched: Touched): Promise<boolean>;
  /** What went wrong with hashes of older blocks since this was last asked. */
  hashFault(): unknown;
  /** For a node that is opened anew: it knows nothing. */
  forget(): void;
}

/** INVALID. What is not known has some code; whoever enters it is found out by the call tree. */
export const unknownCode: Hex = "0xfe";
const zeroWord: Hex = `0x${"0".repeat(64)}`;
const nobody: WorldAccount = { balance: 0n, nonce: 0n, code: emptyCode, codeHash: emptyCode };

export function openShownState(world: WorldState, hashOf: (number: bigint) => Promise<Hex>): ShownState {
  const accounts = new Map<Address, WorldAccount>();
  const slots = new Map<Address, Map<Hex, Hex>>();
  const standIns = new Set<string>();
  let fault: unknown;

  const slotsOf = (address: Address): Map<Hex, Hex> => {
    const known = slots.get(address) ?? new Map<Hex, Hex>();
    slots.set(address, known);
    return known;
  };
  const accountNow = async (address: Address) => (await world.account(address)) ?? nobody;
  const slotNow = async (address: Address, key: Hex) => toHex(await world.slot(address, key));

  /** What `read` gives, or `instead`, which is held for a stand-in. */
  async function served<T>(name: string, read: () => Promise<T>, instead: T): Promise<T> {
    try {
      const value = await read();
      standIns.delete(name);
      return value;
    } catch {
      standIns.add(name);
      return instead;
    }
  }

  async function giveAccount(node: DevNode, address: Address, was: WorldAccount): Promise<boolean> {
    const now = await accountNow(address);
    if (now === was) return true;
    if (now.nonce < was.nonce && node.keepsNonces) return false;
    if (now.balance !== was.balance) await node.request("hardhat_setBalance", [address, quantity(now.balance)]);
    if (now.nonce !== was.nonce) await node.request("hardhat_setNonce", [address, quantity(now.nonce)]);
    if (codeOf(now) !== codeOf(was)) await node.request("hardhat_setCode", [address, codeOf(now)]);
    accounts.set(address, now);
    return true;
  }

  return {
    source: {
      async account(address) {
        const found = await served(address, () => accountNow(address), nobody);
        accounts.set(address, found);
        return { balance: found.balance, nonce: found.nonce, code: codeOf(found) };
      },
      async slot(address, key) {
        const word = await served(`${address}${key}`, () => slotNow(address, key), zeroWord);
        slotsOf(address).set(key, word);
        return word;
      },
      async blockHash(number) {
        try {
          return await hashOf(number);
        } catch (error) {
          fault = error;
          throw error;
        }
      },
    },
    async giveTo(node) {
      for (const [address, was] of accounts)
        if (!standIns.has(address) && !(await giveAccount(node, address, was))) return false;
      for (const [address, words] of slots)
        for (const [key, was] of words) {
          if (standIns.has(`${address}${key}`)) continue;
          const now = await slotNow(address, key);
          if (now === was) continue;
          await node.request("hardhat_setStorageAt", [address, quantity(BigInt(key)), now]);
          words.set(key, now);
        }
      return true;
    },
    async noteTouched(touched) {
      for (const address of touched.accounts)
        if (!accounts.has(address)) accounts.set(address, await accountNow(address));
      for (const [address, keys] of touched.slots)
        for (const key of keys) if (!slotsOf(address).has(key)) slotsOf(address).set(key, await slotNow(address, key));
    },
    async settle(touched) {
      let hasTurnedUp = false;
      const lookAgain = async (name: string, read: () => Promise<unknown>) => {
        if (!standIns.has(name)) return;
        await read();
        standIns.delete(name);
        hasTurnedUp = true;
      };
      for (const address of touched.accounts) await lookAgain(address, () => world.account(address));
      for (const [address, keys] of touched.slots)
        for (const key of keys) await lookAgain(`${address}${key}`, () => world.slot(address, key));
      return hasTurnedUp;
    },
    hashFault() {
      const found = fault;
      fault = undefined;
      return found;
    },
    forget() {
      accounts.clear();
      slots.clear();
      standIns.clear();
      fault = undefined;
    },
  };
}

/** Throws StateMissing where the code of `address` is to run and is not known. */
export async function assertCodeKnown(world: WorldState, address: Address): Promise<void> {
  const code = await knownCode(world, address);
  // An account of EIP-7702 runs the code of another one, and no further: that may delegate too, to itself or back.
  if (isDelegated(code)) await knownCode(world, toHex(code.subarray(3)));
}

async function knownCode(world: WorldState, address: Address): Promise<Uint8Array> {
  const account = await world.account(address);
  if (account === undefined) return emptyCode;
  if (account.code === undefined) throw new StateMissing("missing-code", `The code of ${address}`);
  return account.code;
}

function codeOf({ code }: WorldAccount): Hex {
  return code === undefined ? unknownCode : toHex(code);
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
