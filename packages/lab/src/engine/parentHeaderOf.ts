import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { CapsuleHeader } from "../record/Capsule.ts";
import { openRules } from "./openRules.ts";

const gasPerBlob = 131_072n;

/**
 * A header on which a node makes the block `at` next: one number and one second less, and as much blob gas in excess as
 * leads to that of `at`. Its hash is what `source` knows; nodes ask for it before anything needs it, so that lacking it is no fault.
 */
export async function parentHeaderOf(at: EvmBlock, source: StateSource): Promise<CapsuleHeader> {
  const number = at.number - 1n;
  const hash = await source.blockHash(number).catch((): undefined => undefined);
  const excess = at.excessBlobGas ?? 0n;
  return {
    number,
    timestamp: at.timestamp - 1n,
    baseFeePerGas: at.baseFeePerGas,
    gasLimit: at.gasLimit,
    coinbase: at.coinbase,
    prevRandao: at.prevRandao,
    excessBlobGas: excess === 0n ? 0n : excess + targetOf(at),
    ...(hash === undefined ? {} : { hash: hash as Hex }),
  };
}

function targetOf(at: EvmBlock): bigint {
  return openRules(at).isActivatedEIP(7691) ? 6n * gasPerBlob : 3n * gasPerBlob;
}
