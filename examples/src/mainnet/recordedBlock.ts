import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Address, Hex, RpcTransaction, TransactionSerializable } from "viem";
import { formatTransaction, keccak256, serializeTransaction } from "viem/utils";
import { dataFolder } from "../incidents/dataFolder.ts";
import type { Capsule, RecordedAccount } from "../incidents/frozenRpc.ts";

const MAINNET_BLOCK_SECONDS = 12;

/** A mainnet block with the state before its first transaction, format `testudo-block/1`. */
export interface RecordedBlock {
  format: "testudo-block/1";
  block: {
    number: Hex;
    timestamp: Hex;
    baseFeePerGas: Hex;
    gasLimit: Hex;
    miner: Address;
    transactions: RpcTransaction[];
  };
  preState: Record<Address, RecordedAccount & { codeHash?: Hex }>;
  /** Contracts whose code is not known; their `code` reads "0x". */
  missingCode: Address[];
}

// PUSH1 0, PUSH1 0, REVERT. A contract whose code is unknown must not look like an account without code: a call would
// succeed and do nothing.
const UNKNOWN_CODE: Hex = "0x60006000fd";

/** Returns the paths of all recorded blocks, oldest first. Throws `DataFolderUnset` without `TESTUDO_DATA`. */
export function recordedBlockFiles(): string[] {
  const folder = join(dataFolder(), "blocks");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json.gz"))
    .sort()
    .map((name) => join(folder, name));
}

/** Reads a recorded block. Throws `NotARecordedBlock` when the file is something else. */
export function readRecordedBlock(file: string): RecordedBlock {
  const recorded = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8")) as RecordedBlock;
  if (recorded.format !== "testudo-block/1") throw new NotARecordedBlock(file, recorded.format);
  return recorded;
}

/** Returns the state before `recorded` as a capsule of its parent block; contracts of unknown code always revert. */
export function parentCapsule({ block, preState, missingCode }: RecordedBlock): Capsule {
  const isMissing = new Set(missingCode);
  const accounts: Capsule["accounts"] = {};
  for (const [address, account] of Object.entries(preState) as [Address, RecordedAccount][])
    accounts[address] = isMissing.has(address) ? { ...account, code: UNKNOWN_CODE } : account;
  return {
    format: "testudo-capsule/1",
    name: `parent of ${Number(block.number)}`,
    chainId: 1,
    chain: "mainnet",
    block: {
      number: Number(block.number) - 1,
      timestamp: Number(block.timestamp) - MAINNET_BLOCK_SECONDS,
      baseFeePerGas: block.baseFeePerGas,
    },
    accounts,
  };
}

/** Returns the signed bytes of `tx`. Throws `NotTheSignedTransaction` when they do not hash to `tx.hash`. */
export function signedBytes(tx: RpcTransaction): Hex {
  const { r, s, v, yParity, ...fields } = formatTransaction(tx);
  // viem writes a legacy signature from v and the others from yParity, and refuses a gas price beside a fee cap.
  const isLegacy = fields.type === "legacy";
  if (fields.type !== "legacy" && fields.type !== "eip2930") delete fields.gasPrice;
  const serializable = { ...fields, data: fields.input } as unknown as TransactionSerializable;
  const bytes = serializeTransaction(
    serializable,
    isLegacy ? { r, s, v: v as bigint } : { r, s, yParity: yParity ?? 0 },
  );
  const found = keccak256(bytes);
  if (found !== tx.hash) throw new NotTheSignedTransaction(tx.hash, found);
  return bytes;
}

/** A file is not a recorded block. */
export class NotARecordedBlock extends Error {
  constructor(file: string, format: unknown) {
    super(
      [
        `"${file}" has format ${JSON.stringify(format)}.`,
        '- A recorded block has format "testudo-block/1".',
        "- Name a file of blocks/ in the data folder.",
      ].join("\n"),
    );
    this.name = "NotARecordedBlock";
  }
}

/** The fields of a recorded transaction do not make up the bytes that were signed. */
export class NotTheSignedTransaction extends Error {
  constructor(hash: Hex, found: Hex) {
    super(
      [
        `Transaction ${hash} serialises to bytes with hash ${found}.`,
        "- Its fields must be those that were signed.",
        "- Record the transaction again with all its fields.",
      ].join("\n"),
    );
    this.name = "NotTheSignedTransaction";
  }
}
