// A transaction object of JSON-RPC against its own hash: what it says stands under the hash, and who signed it under the
// signature in it. Known are Ethereum's own types (EIP-155, 2930, 1559, 4844, 7702) and those that rollups write themselves.
// It is encoded here to the letter: a library that rounds, caps or corrects a field takes what nodes make up for what was
// signed, or what strangers may sign for none of the chain's.
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";
import * as Secp256k1 from "ox/Secp256k1";
import { type Fields, toAddress, toBigint, toBytes, toFields, toHash, toList, toNumber } from "./parseField.ts";
import { itemsOfRollup } from "./rollupTransaction.ts";
import { toRlpNumber } from "./toRlpNumber.ts";
import { type Item, quantity, receiver, source, typeOf } from "./wireItems.ts";

/** The hash that the fields of `wire` come to; undefined where they are none of a transaction that we know. */
export function hashOfWire(wire: Fields): Hex | undefined {
  return attempt(() => keccakOf(wire, itemsOfRollup(wire) ?? [...unsignedOf(wire), ...signatureOf(wire)]));
}

/**
 * Who sent `wire`, which comes to its hash: who signed it, or whom a rollup names. Undefined where nobody that we can know
 * of did.
 */
export function senderOfWire(wire: Fields): Address | undefined {
  return attempt(() => {
    // Nobody signs these: their sender stands under the hash.
    if (itemsOfRollup(wire) !== undefined) return toAddress(source, "from", wire.from);
    const payload = keccakOf(wire, [...unsignedOf(wire), ...chainOfLegacy(wire)]);
    // As it stands under the hash: what is said beside it is the node's word.
    const [v, r, s] = signatureOf(wire).map((part) => BigInt(part === "0x" ? 0 : part)) as [bigint, bigint, bigint];
    const yParity = Number(typeOf(wire) === 0 ? parityOf(v) : v);
    return toLower(Secp256k1.recoverAddress({ payload, signature: { r, s, yParity } }));
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

function keccakOf(wire: Fields, items: readonly Item[]): Hex {
  const type = typeOf(wire);
  const content = Rlp.fromHex(items);
  return Hash.keccak256(type === 0 ? content : `0x${type.toString(16).padStart(2, "0")}${content.slice(2)}`);
}

function unsignedOf(wire: Fields): readonly Item[] {
  const type = typeOf(wire);
  if (type > 4) throw new RangeError("A transaction of this type is not known.");
  // Anybody could have written it there: in the other types it stands under no hash.
  if (
    type !== 4 &&
    wire.authorizationList != null &&
    toList(source, "authorizationList", wire.authorizationList).length > 0
  )
    throw new RangeError("A transaction of this type authorizes nobody.");
  const { gas, to, value, maxPriorityFeePerGas, maxFeePerGas, gasPrice } = wire;
  const nonce = toRlpNumber(BigInt(toNumber(source, "nonce", wire.nonce)));
  const call = [quantity(gas), receiver(to), quantity(value), toBytes(source, "input", wire.input ?? wire.data)];
  if (type === 0) return [nonce, quantity(gasPrice), ...call];
  const fees = type === 1 ? [quantity(gasPrice)] : [quantity(maxPriorityFeePerGas), quantity(maxFeePerGas)];
  return [
    quantity(wire.chainId),
    nonce,
    ...fees,
    ...call,
    listOf(wire.accessList ?? [], accessOf),
    ...(type === 3
      ? [quantity(wire.maxFeePerBlobGas), listOf(wire.blobVersionedHashes, (hash) => toHash(source, "hash", hash))]
      : []),
    ...(type === 4 ? [listOf(wire.authorizationList, authorizationOf)] : []),
  ];
}

/** What a signature of EIP-155 goes over beside the rest; before it there was no chain in it. */
function chainOfLegacy(wire: Fields): readonly Item[] {
  if (typeOf(wire) !== 0) return [];
  const v = toBigint(source, "v", wire.v);
  return v < 35n ? [] : [toRlpNumber((v - 35n) / 2n), "0x", "0x"];
}

function signatureOf(wire: Fields): readonly Hex[] {
  const { v, yParity, r, s } = wire;
  if (typeOf(wire) === 0) return [v, r, s].map(quantity);
  // Nodes exist that write the parity of a newer type as in a legacy one.
  const said = v == null ? undefined : parityOf(toBigint(source, "v", v));
  return [yParity == null && said !== undefined ? toRlpNumber(said) : quantity(yParity), quantity(r), quantity(s)];
}

function parityOf(v: bigint): bigint {
  return v >= 35n ? (v - 35n) % 2n : v >= 27n ? v - 27n : v;
}

function accessOf(item: unknown): Item {
  const { address, storageKeys } = toFields(source, "accessList", item);
  return [
    toAddress(source, "accessList", address),
    listOf(storageKeys ?? [], (key) => toHash(source, "storageKeys", key)),
  ];
}

// Of a chain, a nonce or a signature that cannot be, anybody may write one: the chain passes over it, and the hash does not.
function authorizationOf(item: unknown): Item {
  const { chainId, address, nonce, yParity, v, r, s } = toFields(source, "authorizationList", item);
  return [
    quantity(chainId),
    toAddress(source, "authorizationList", address),
    ...[nonce, yParity ?? v, r, s].map(quantity),
  ];
}

function listOf(value: unknown, read: (item: unknown) => Item): Item {
  return toList(source, "list", value).map(read);
}
