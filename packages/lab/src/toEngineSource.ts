import { keccak_256 } from "@noble/hashes/sha3.js";
import { type AccountState, StateMissing, type StateSource } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { EngineSource, SourceAccount } from "@testudo/evm/openEngine";
import { fromHex } from "./bytes.ts";

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

/** An account as our engine takes it. */
export function toSourceAccount({ balance, nonce, code, codeHash }: AccountState): SourceAccount {
  if (code !== null) return { balance, nonce, code: fromHex(code) };
  return { balance, nonce, codeHash: codeHash === undefined ? unknownCodeHash : fromHex(codeHash) };
}

/** A slot's number as a source is asked for it. */
export function toKey(key: bigint): Hex {
  return `0x${key.toString(16).padStart(64, "0")}`;
}
