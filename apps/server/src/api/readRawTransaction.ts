import { recoverSender } from "@testudo/chain/wire/recoverSender";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { keccak256, parseTransaction } from "viem/utils";

/** The transaction in signed bytes, its sender recovered from the signature. Throws RawRefused. */
export async function readRawTransaction(raw: Hex): Promise<PendingTx> {
  try {
    const from = await recoverSender(raw);
    const tx = parseTransaction(raw);
    const dynamic = tx.maxFeePerGas !== undefined;
    return {
      hash: keccak256(raw),
      from,
      to: tx.to === undefined || tx.to === null ? null : toLower(tx.to),
      value: tx.value ?? 0n,
      input: toLower(tx.data ?? "0x"),
      nonce: tx.nonce ?? 0,
      ...(tx.chainId === undefined ? {} : { chainId: tx.chainId }),
      gas: tx.gas ?? 0n,
      ...(dynamic
        ? { maxFeePerGas: tx.maxFeePerGas!, maxPriorityFeePerGas: tx.maxPriorityFeePerGas ?? 0n }
        : { gasPrice: tx.gasPrice ?? 0n }),
      ...(tx.accessList === undefined
        ? {}
        : {
            accessList: tx.accessList.map(({ address, storageKeys }) => ({
              address: toLower(address),
              storageKeys: storageKeys.map(toLower),
            })),
          }),
      ...(tx.blobVersionedHashes === undefined
        ? {}
        : { blobVersionedHashes: tx.blobVersionedHashes, maxFeePerBlobGas: tx.maxFeePerBlobGas ?? 0n }),
      ...(tx.authorizationList === undefined ? {} : { authorizationList: tx.authorizationList.map(toAuthorization) }),
      source: "relay",
    };
  } catch (cause) {
    throw new RawRefused(raw, cause);
  }
}

type Signature = NonNullable<ReturnType<typeof parseTransaction>["authorizationList"]>[number];

function toAuthorization({ chainId, address, nonce, yParity, r, s }: Signature) {
  const hex = (value: number): Hex => `0x${value.toString(16)}`;
  return { chainId: hex(chainId), address: toLower(address), nonce: hex(nonce), yParity: hex(yParity ?? 0), r, s };
}

/** The bytes are no signed transaction. Not retryable. */
export class RawRefused extends Error {
  override readonly name = "RawRefused";
  constructor(raw: Hex, cause: unknown) {
    super(
      `"${raw.slice(0, 42)}…" is no signed transaction.\n- Allowed: the bytes that eth_sendRawTransaction takes.\n- Send them whole, as 0x….`,
      { cause },
    );
  }
}
