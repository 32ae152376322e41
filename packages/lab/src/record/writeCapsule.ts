import { gzipSync } from "node:zlib";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { type Capsule, type CapsuleHeader, type CapsuleTransaction, capsuleFormat } from "./Capsule.ts";
import type { RecordedAccount } from "./recordedState.ts";

// The tenth byte of a gzip file names the system that wrote it. 255 is "unknown", so that all write the same.
const systemByte = 9;
const unknownSystem = 0xff;

/** The bytes of a capsule's file: gzip of JSON with sorted keys, without a time. The same capsule gives the same bytes. */
export function writeCapsule(capsule: Capsule): Uint8Array {
  const bytes = gzipSync(canonicalJson(toJson(capsule)), { level: 9 });
  bytes[systemByte] = unknownSystem;
  return bytes;
}

function toJson({ block, accounts, headers, blockHashes, transactions, ...plain }: Capsule): object {
  return {
    format: capsuleFormat,
    ...plain,
    block: toHeader(block),
    accounts: Object.fromEntries([...accounts].map(([address, account]) => [address, toAccount(account)])),
    headers: headers?.toSorted((a, b) => (a.number < b.number ? -1 : 1)).map(toHeader),
    blockHashes: blockHashes && Object.fromEntries([...blockHashes].map(([number, hash]) => [`${number}`, hash])),
    transactions: transactions?.map(toTransaction),
  };
}

function toAccount({ balance, nonce, code, codeHash, storage }: RecordedAccount): object {
  return {
    balance: quantity(balance),
    nonce: count(nonce),
    code,
    // Of code that is there everybody can tell the hash.
    codeHash: code === null ? codeHash : undefined,
    storage: Object.fromEntries(storage),
  };
}

function toHeader(header: CapsuleHeader): object {
  return {
    number: count(header.number),
    timestamp: count(header.timestamp),
    baseFeePerGas: quantity(header.baseFeePerGas),
    hash: header.hash,
    gasLimit: quantityOf(header.gasLimit),
    miner: header.coinbase,
    mixHash: header.prevRandao,
    excessBlobGas: quantityOf(header.excessBlobGas),
    difficulty: quantityOf(header.difficulty),
  };
}

function toTransaction(tx: CapsuleTransaction): object {
  const { hash, from, to, value, input, gas, nonce, type, raw, blockNumber, expected, role, isImpersonated } = tx;
  const isGasLeftOut = tx.isGasLeftOut === true;
  return {
    hash,
    from,
    to,
    value: quantity(value),
    input,
    gas: isGasLeftOut ? undefined : quantity(gas),
    nonce: nonce === undefined ? undefined : count(nonce),
    type: type === undefined ? undefined : quantity(BigInt(type)),
    raw,
    role,
    impersonated: isImpersonated,
    blockNumber: blockNumber === undefined ? undefined : count(blockNumber),
    ...toPricing(tx),
    expected: expected && {
      status: expected.succeeded ? "0x1" : "0x0",
      gasUsed: quantity(expected.gasUsed),
      logs: expected.logs.map(({ address, topics, data }) => ({ address, topics, data })),
      trace: expected.trace && toFrame(expected.trace),
    },
  };
}

function toPricing(tx: Omit<EvmTransaction, "block">): object {
  return {
    gasPrice: quantityOf(tx.gasPrice),
    maxFeePerGas: quantityOf(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantityOf(tx.maxPriorityFeePerGas),
    maxFeePerBlobGas: quantityOf(tx.maxFeePerBlobGas),
    accessList: tx.accessList,
    blobVersionedHashes: tx.blobVersionedHashes,
    authorizationList: tx.authorizationList,
  };
}

function toFrame({ type, from, to, value, input, output, error, calls, logs }: CallFrame): object {
  return {
    type,
    from,
    to,
    value: quantity(value),
    input,
    output,
    error,
    calls: calls.length === 0 ? undefined : calls.map(toFrame),
    logs: logs.length === 0 ? undefined : logs,
  };
}

// A number that people can read, as long as JSON can say it.
function count(value: bigint): number | Hex {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : quantity(value);
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

function quantityOf(value: bigint | undefined): Hex | undefined {
  return value === undefined ? undefined : quantity(value);
}
