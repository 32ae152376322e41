import type { Hex } from "@testudo/core/model/Hex";
import type { CapsuleHeader } from "../record/Capsule.ts";

const noWord: Hex = `0x${"0".repeat(64)}`;
const noUncles = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
const emptyTrie = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/** Block `number` as a node tells it, of a chain whose latest block has `header`: without transactions, a second after the one before. */
export function toRpcBlock(header: CapsuleHeader, number: bigint, hash: Hex, parentHash: Hex): object {
  const timestamp = header.timestamp + number - header.number;
  return {
    number: quantity(number),
    hash,
    parentHash,
    timestamp: quantity(timestamp > 0n ? timestamp : 0n),
    baseFeePerGas: quantity(header.baseFeePerGas),
    gasLimit: quantity(header.gasLimit ?? 1_000_000_000n),
    gasUsed: "0x0",
    miner: header.coinbase ?? `0x${"0".repeat(40)}`,
    difficulty: quantity(header.difficulty ?? 0n),
    totalDifficulty: "0x0",
    extraData: "0x",
    logsBloom: `0x${"0".repeat(512)}`,
    mixHash: header.prevRandao ?? noWord,
    nonce: "0x0000000000000000",
    receiptsRoot: emptyTrie,
    sha3Uncles: noUncles,
    size: "0x1",
    stateRoot: noWord,
    transactions: [],
    transactionsRoot: emptyTrie,
    uncles: [],
    withdrawals: [],
    withdrawalsRoot: emptyTrie,
    blobGasUsed: "0x0",
    excessBlobGas: quantity(header.excessBlobGas ?? 0n),
    parentBeaconBlockRoot: noWord,
  };
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
