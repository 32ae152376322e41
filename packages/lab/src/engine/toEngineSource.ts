import { keccak_256 } from "@noble/hashes/sha3.js";
import { type AccountState, StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { EngineSource, ReadySource, SourceAccount } from "@testudo/evm/openEngine";
import { fromHex } from "../record/bytes.ts";

// Any hash that is not that of no code: the account has code, and nobody knows which.
const unknownCodeHash = keccak_256(new TextEncoder().encode("unknown code"));

/** `source` as our engine asks it. Whoever enters code that is not known ends with `StateMissing`. */
export function toEngineSource(source: StateSource): EngineSource {
  return {
    async account(address) {
      const found = await source.account(address);
      return found && toSourceAccount(found);
    },
    async slot(address, key) {
      return BigInt(await source.slot(address, toKey(key)));
    },
    async code(address) {
      throw new StateMissing("missing-code", `The code of ${address}`);
    },
    async blockHash(number) {
      return fromHex(await source.blockHash(number));
    },
  };
}

/** State at one fixed block from whoever answers at once, or has the asker wait. What it throws ends the run that asked. */
export interface ReadyState {
  account(address: Address): AccountState | undefined;
  slot(address: Address, key: Hex): Hex;
  blockHash(number: bigint): Hex;
}

/** The same of state that is there at once. */
export function toReadySource(state: ReadyState): ReadySource {
  return {
    account(address) {
      const found = state.account(address);
      return found && toSourceAccount(found);
    },
    slot: (address, key) => BigInt(state.slot(address, toKey(key))),
    blockHash: (number) => fromHex(state.blockHash(number)),
  };
}

function toSourceAccount({ balance, nonce, code, codeHash }: AccountState): SourceAccount {
  if (code !== null) return { balance, nonce, code: fromHex(code) };
  return { balance, nonce, codeHash: codeHash === undefined ? unknownCodeHash : fromHex(codeHash) };
}

function toKey(key: bigint): Hex {
  return `0x${key.toString(16).padStart(64, "0")}`;
}
