// A transaction object of JSON-RPC against its own hash: what it says stands under the hash, and who signed it under the
// signature in it. What is not of Ethereum's own types (EIP-155, 2930, 1559, 4844, 7702) is not known to us.
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import * as Secp256k1 from "ox/Secp256k1";
import { keccak256, serializeTransaction } from "viem/utils";
import { type Fields, toBigint } from "./parseField.ts";

type Unsigned = Parameters<typeof serializeTransaction>[0];
type Signature = NonNullable<Parameters<typeof serializeTransaction>[1]>;

/** The hash that the fields of `wire` come to; undefined where they are none of a transaction that we know. */
export function hashOfWire(wire: Fields): Hex | undefined {
  return attempt(() => keccak256(serializeTransaction(unsignedOf(wire), signatureOf(wire))));
}

/** Who signed `wire`; undefined where nobody that we can know of did. */
export function signerOfWire(wire: Fields): Address | undefined {
  return attempt(() => {
    const payload = keccak256(serializeTransaction(unsignedOf(wire)));
    const { r, s, yParity } = signatureOf(wire);
    return toLower(
      Secp256k1.recoverAddress({ payload, signature: { r: BigInt(r), s: BigInt(s), yParity: yParity as number } }),
    );
  });
}

// What is missing or malformed makes another transaction of it, or none at all.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const source = { method: "transaction" };
const types = ["legacy", "eip2930", "eip1559", "eip4844", "eip7702"] as const;

function unsignedOf(wire: Fields): Unsigned {
  const type = types[wire.type == null ? 0 : Number(big(wire.type))];
  if (type === undefined) throw new RangeError("A transaction of this type is not known.");
  const fees =
    type === "legacy" || type === "eip2930"
      ? { gasPrice: big(wire.gasPrice) }
      : { maxFeePerGas: big(wire.maxFeePerGas), maxPriorityFeePerGas: big(wire.maxPriorityFeePerGas) };
  // Before EIP-155 the signature went over no chain.
  const isOfChain = type !== "legacy" || big(wire.v) >= 35n;
  return {
    type,
    ...(isOfChain ? { chainId: Number(wire.chainId == null ? (big(wire.v) - 35n) / 2n : big(wire.chainId)) } : {}),
    nonce: Number(big(wire.nonce)),
    gas: big(wire.gas),
    ...(wire.to == null ? {} : { to: wire.to }),
    value: big(wire.value),
    data: wire.input ?? wire.data,
    ...fees,
    ...(type === "legacy" ? {} : { accessList: wire.accessList }),
    ...(type === "eip4844"
      ? { blobVersionedHashes: wire.blobVersionedHashes, maxFeePerBlobGas: big(wire.maxFeePerBlobGas) }
      : {}),
    ...(type === "eip7702" ? { authorizationList: (wire.authorizationList as Fields[]).map(authorizationOf) } : {}),
  } as unknown as Unsigned;
}

function authorizationOf({ chainId, address, nonce, yParity, r, s }: Fields) {
  const [chain, count, parity] = [chainId, nonce, yParity].map((value) => Number(big(value)));
  return { chainId: chain, address, nonce: count, yParity: parity, r: hex(r), s: hex(s) };
}

function signatureOf({ r, s, v, yParity }: Fields): Signature & { readonly yParity: number } {
  const said = big(v ?? yParity);
  const parity = yParity != null ? big(yParity) : said >= 35n ? (said - 35n) % 2n : said >= 27n ? said - 27n : said;
  return { r: hex(r), s: hex(s), v: said, yParity: Number(parity) };
}

function hex(value: unknown): Hex {
  return `0x${big(value).toString(16).padStart(64, "0")}`;
}

// A quantity and nothing else: of a long text in decimal digits a number takes minutes.
function big(value: unknown): bigint {
  return toBigint(source, "quantity", value);
}
