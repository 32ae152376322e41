import {
  type BlobSidecar,
  type Hex,
  recoverTransactionAddress,
  serializeTransaction,
  sidecarsToVersionedHashes,
  type TransactionSerializable,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { recoverSender } from "./recoverSender.ts";

const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
const to = `0x${"22".repeat(20)}` as const;
const fees = { chainId: 1, nonce: 7, gas: 21_000n, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n, value: 1n, to } as const;
const authorization = await account.signAuthorization({ chainId: 1, nonce: 3, contractAddress: to });
const sidecars: BlobSidecar<Hex>[] = [
  { blob: `0x${"00".repeat(131_072)}`, commitment: `0x${"aa".repeat(48)}`, proof: `0x${"bb".repeat(48)}` },
];

test.each<[string, TransactionSerializable]>([
  ["before EIP-155", { type: "legacy", nonce: 1, gas: 21_000n, gasPrice: 3n, to }],
  ["legacy", { type: "legacy", chainId: 10, nonce: 1, gas: 21_000n, gasPrice: 3n, to }],
  [
    "with an access list",
    {
      type: "eip2930",
      chainId: 1,
      gasPrice: 3n,
      to,
      accessList: [{ address: to, storageKeys: [`0x${"33".repeat(32)}`] }],
    },
  ],
  ["with fees", { type: "eip1559", ...fees, data: "0x1234" }],
  ["a creation", { type: "eip1559", ...fees, to: null, data: "0x6001" }],
  [
    "with blobs beside it",
    {
      type: "eip4844",
      ...fees,
      maxFeePerBlobGas: 1n,
      sidecars,
      blobVersionedHashes: sidecarsToVersionedHashes({ sidecars }),
    },
  ],
  ["with an authorization", { type: "eip7702", ...fees, authorizationList: [authorization] }],
])("parity: who signed a transaction %s is whom viem names", async (_, transaction) => {
  const raw = await account.signTransaction(transaction);
  expect(await recoverSender(raw)).toBe(account.address.toLowerCase());
  expect(await recoverTransactionAddress({ serializedTransaction: raw as never })).toBe(account.address);
});

test.each<[string, Hex]>([
  ["no bytes", "0x"],
  ["bytes of nothing", "0xdeadbeef"],
  ["an unsigned transaction", serializeTransaction({ type: "eip1559", ...fees })],
])("error: %s", async (_, raw) => {
  await expect(recoverSender(raw)).rejects.toThrow();
});
