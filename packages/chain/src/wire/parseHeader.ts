import type { TxHeader } from "@testudo/core/model/TxRecord";
import { type Fields, type Source, toAddress, toBigint, toHash } from "./parseField.ts";

/** Reads what transactions see of a block's header. Throws `RpcMalformed`. */
export function parseHeader(fields: Fields, source: Source): TxHeader {
  const quantity = (field: string) => toBigint(source, field, fields[field]);
  const difficulty = fields.difficulty == null ? 0n : quantity("difficulty");
  return {
    hash: toHash(source, "hash", fields.hash),
    parentHash: toHash(source, "parentHash", fields.parentHash),
    number: quantity("number"),
    timestamp: quantity("timestamp"),
    baseFeePerGas: fields.baseFeePerGas == null ? 0n : quantity("baseFeePerGas"),
    gasLimit: quantity("gasLimit"),
    coinbase: toAddress(source, "miner", fields.miner),
    prevRandao: fields.mixHash == null ? `0x${"0".repeat(64)}` : toHash(source, "mixHash", fields.mixHash),
    ...(fields.excessBlobGas == null ? {} : { excessBlobGas: quantity("excessBlobGas") }),
    ...(difficulty === 0n ? {} : { difficulty }),
  };
}
