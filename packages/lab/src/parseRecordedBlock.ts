import { gunzipSync } from "node:zlib";
import type { EvmBlock, EvmTransaction } from "@testudo/core/model/Evm";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { z } from "zod";
import type { RecordedAccount } from "./recordedState.ts";

/** A block of a chain with the state before its first transaction, format `testudo-block/1`. */
export interface RecordedBlock {
  readonly block: EvmBlock & { readonly hash: Hex; readonly parentHash: Hex };
  readonly transactions: readonly RecordedTransaction[];
  /** `code` is null where it is not known. */
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
}

export interface RecordedTransaction extends EvmTransaction {
  readonly hash: Hex;
  readonly nonce: bigint;
}

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform(toLower);
const address = hex.refine((h) => h.length === 42, "an address has 20 bytes");
const word = hex
  .refine((h) => h.length <= 66, "a word has 32 bytes")
  .transform((h): Hex => `0x${h.slice(2).padStart(64, "0")}`);
const quantity = z.union([hex.refine((h) => h.length > 2), z.number().int().nonnegative()]).transform((q) => BigInt(q));

const transactionSchema = z
  .object({
    hash: word,
    from: address,
    to: address.nullish(),
    value: quantity,
    input: hex,
    gas: quantity,
    nonce: quantity,
    type: quantity.optional(),
    gasPrice: quantity.optional(),
    maxFeePerGas: quantity.optional(),
    maxPriorityFeePerGas: quantity.optional(),
    maxFeePerBlobGas: quantity.optional(),
    accessList: z.array(z.object({ address, storageKeys: z.array(word) })).nullish(),
    blobVersionedHashes: z.array(word).nullish(),
    authorizationList: z
      .array(z.object({ chainId: hex, address, nonce: hex, yParity: hex, r: word, s: word }))
      .nullish(),
  })
  .transform((tx): RecordedTransaction => {
    // Nodes repeat the price that was paid beside the two fields that were signed.
    const hasTwoFees = tx.maxFeePerGas !== undefined;
    return {
      hash: tx.hash,
      from: tx.from,
      to: tx.to ?? null,
      value: tx.value,
      input: tx.input,
      gas: tx.gas,
      nonce: tx.nonce,
      ...(hasTwoFees || tx.gasPrice === undefined ? {} : { gasPrice: tx.gasPrice }),
      ...(tx.maxFeePerGas === undefined ? {} : { maxFeePerGas: tx.maxFeePerGas }),
      ...(tx.maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas: tx.maxPriorityFeePerGas }),
      ...(tx.maxFeePerBlobGas === undefined ? {} : { maxFeePerBlobGas: tx.maxFeePerBlobGas }),
      // An empty list on a legacy transaction is a node's courtesy.
      ...(tx.accessList == null || tx.type === 0n ? {} : { accessList: tx.accessList }),
      ...(tx.blobVersionedHashes == null ? {} : { blobVersionedHashes: tx.blobVersionedHashes }),
      ...(tx.authorizationList == null ? {} : { authorizationList: tx.authorizationList }),
    };
  });

const accountSchema = z.object({
  balance: quantity,
  nonce: quantity,
  code: hex,
  codeHash: word.optional(),
  storage: z.record(word, word).default({}),
});

const blockSchema = z.object({
  format: z.literal("testudo-block/1"),
  block: z.object({
    hash: word,
    parentHash: word,
    number: quantity,
    timestamp: quantity,
    gasLimit: quantity,
    miner: address,
    baseFeePerGas: quantity.default(0n),
    mixHash: word.default(`0x${"0".repeat(64)}`),
    excessBlobGas: quantity.optional(),
    transactions: z.array(transactionSchema),
  }),
  preState: z.record(address, accountSchema),
  missingCode: z.array(address).default([]),
});

/** Most that a block may unpack to, in bytes: the pre-state of a full one is a tenth of it. */
const unpackedMax = 512 * 1024 * 1024;

/**
 * Reads a recorded block from a file's bytes, gzip or plain. `chainId` is that of its transactions, else 1.
 * Throws `NotARecordedBlock` for anything else, with what is wrong first.
 */
export function parseRecordedBlock(bytes: Uint8Array, label: string): RecordedBlock {
  const parsed = blockSchema.safeParse(readJson(bytes, label));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new NotARecordedBlock(label, `${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  const { block, preState, missingCode } = parsed.data;
  const missing = new Set<Address>(missingCode);
  const accounts = new Map(
    Object.entries(preState).map(([at, { balance, nonce, code, codeHash, storage }]): [Address, RecordedAccount] => [
      at as Address,
      {
        balance,
        nonce,
        code: missing.has(at as Address) ? null : code,
        ...(codeHash === undefined ? {} : { codeHash }),
        storage: new Map(Object.entries(storage)) as Map<Hex, Hex>,
      },
    ]),
  );
  const { transactions, miner, mixHash, ...header } = block;
  return {
    block: { ...header, chainId: 1, coinbase: miner, prevRandao: mixHash },
    transactions,
    accounts,
  } as RecordedBlock;
}

function readJson(bytes: Uint8Array, label: string): unknown {
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isPacked ? gunzipSync(bytes, { maxOutputLength: unpackedMax }) : bytes;
    return JSON.parse(new TextDecoder().decode(plain));
  } catch (cause) {
    throw new NotARecordedBlock(label, `it is no JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

/** A file is not a recorded block. Not retryable. */
export class NotARecordedBlock extends Error {
  override readonly name = "NotARecordedBlock";
  constructor(label: string, what: string, cause?: unknown) {
    super(
      [
        `"${label}" is no recorded block: ${what}.`,
        '- A recorded block is JSON or gzip of it, with format "testudo-block/1".',
        "- Name a file, or a folder of such files.",
      ].join("\n"),
      { cause },
    );
  }
}
