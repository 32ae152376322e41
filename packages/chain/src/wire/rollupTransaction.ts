// Transactions that a rollup puts into its blocks itself, mostly for what came by its bridge. Nobody signs them; who sends
// them stands under the hash. Sources: the OP stack's specification of deposits, and the structures of Arbitrum Nitro's
// geth (`arb_types.go`).
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Fields, toAddress, toBigint, toBytes, toHash, toList } from "./parseField.ts";
import { toRlpNumber } from "./toRlpNumber.ts";
import { type Item, quantity, receiver, source, typeOf } from "./wireItems.ts";

/** A deposit of the OP stack. */
export const opDepositType = 0x7e;

const encoders = new Map<number, (wire: Fields) => readonly Item[]>([
  [opDepositType, opDeposit],
  [0x64, arbitrumDeposit],
  [0x65, (wire) => [chain(wire), sender(wire), quantity(wire.nonce), ...callOf(wire)]],
  [0x66, (wire) => [chain(wire), bytes32(wire.requestId), sender(wire), ...callOf(wire)]],
  [0x68, arbitrumRetry],
  [0x69, arbitrumSubmission],
  [0x6a, arbitrumNote],
]);

/**
 * What stands under the hash of `wire` where its type is one that a rollup writes itself; undefined of other types. What
 * such a type fixes and the hash does not hold has to be as the type has it: else a node could name any call there.
 * Throws `RpcMalformed`, `RangeError`.
 */
export function itemsOfRollup(wire: Fields): readonly Item[] | undefined {
  const encode = encoders.get(typeOf(wire));
  if (encode === undefined) return undefined;
  const { authorizationList } = wire;
  if (authorizationList != null && toList(source, "authorizationList", authorizationList).length > 0)
    throw new RangeError("A rollup's own transaction authorizes nobody.");
  return encode(wire);
}

/** What came by the bridge, and what the rollup notes of the other chain in each block. */
function opDeposit(wire: Fields): readonly Item[] {
  return [
    bytes32(wire.sourceHash),
    sender(wire),
    receiver(wire.to),
    quantity(wire.mint ?? "0x0"),
    quantity(wire.value),
    quantity(wire.gas),
    wire.isSystemTx === true ? "0x01" : "0x",
    input(wire),
  ];
}

/** Ether that came by the bridge. */
function arbitrumDeposit(wire: Fields): readonly Item[] {
  expectCall(wire, { input: "0x" });
  return [chain(wire), bytes32(wire.requestId), sender(wire), address(wire.to), quantity(wire.value)];
}

const retryables: Address = "0x000000000000000000000000000000000000006e";

/** A call by the bridge that is kept until it succeeds, as it was handed in. */
function arbitrumSubmission(wire: Fields): readonly Item[] {
  expectCall(wire, { to: retryables, value: 0n, input: submissionOf(wire) });
  return [
    chain(wire),
    bytes32(wire.requestId),
    sender(wire),
    quantity(wire.l1BaseFee),
    quantity(wire.depositValue),
    fee(wire),
    quantity(wire.gas),
    receiver(wire.retryTo),
    quantity(wire.retryValue),
    address(wire.beneficiary),
    quantity(wire.maxSubmissionFee),
    address(wire.refundTo),
    toBytes(source, "retryData", wire.retryData),
  ];
}

/** The call data of a submission: `submitRetryable` of its fields. */
function submissionOf(wire: Fields): Hex {
  const data = toBytes(source, "retryData", wire.retryData).slice(2);
  const words = [
    bytes32(wire.requestId),
    quantity(wire.l1BaseFee),
    quantity(wire.depositValue),
    quantity(wire.retryValue),
    fee(wire),
    quantity(wire.gas),
    quantity(wire.maxSubmissionFee),
    address(wire.refundTo),
    address(wire.beneficiary),
    receiver(wire.retryTo),
    // Where the data begin: behind eleven words.
    toRlpNumber(11n * 32n),
    toRlpNumber(BigInt(data.length / 2)),
  ];
  const padded = data.padEnd(Math.ceil(data.length / 64) * 64, "0");
  return `0xc9f95d32${words.map((word) => word.slice(2).padStart(64, "0")).join("")}${padded}`;
}

/** One try of such a call. */
function arbitrumRetry(wire: Fields): readonly Item[] {
  return [
    chain(wire),
    quantity(wire.nonce),
    sender(wire),
    ...callOf(wire),
    bytes32(wire.ticketId),
    address(wire.refundTo),
    quantity(wire.maxRefund),
    quantity(wire.submissionFeeRefund),
  ];
}

const arbOs: Address = "0x00000000000000000000000000000000000a4b05";

/** What the rollup notes of the other chain in each block. */
function arbitrumNote(wire: Fields): readonly Item[] {
  expectCall(wire, { from: arbOs, to: arbOs, value: 0n });
  return [chain(wire), input(wire)];
}

interface Call {
  readonly from?: Address;
  readonly to?: Address;
  readonly value?: bigint;
  readonly input?: Hex;
}

function expectCall(wire: Fields, { from, to, value, input: expected }: Call): void {
  const isSo =
    (from === undefined || sender(wire) === from) &&
    (to === undefined || receiver(wire.to) === to) &&
    (value === undefined || toBigint(source, "value", wire.value) === value) &&
    (expected === undefined || input(wire) === expected);
  if (!isSo) throw new RangeError("A transaction of this type makes another call.");
}

function callOf(wire: Fields): readonly Item[] {
  return [fee(wire), quantity(wire.gas), receiver(wire.to), quantity(wire.value), input(wire)];
}

function chain({ chainId }: Fields): Hex {
  return quantity(chainId);
}

function sender({ from }: Fields): Address {
  return toAddress(source, "from", from);
}

function fee({ maxFeePerGas, gasPrice }: Fields): Hex {
  return quantity(maxFeePerGas ?? gasPrice);
}

function input({ input: said, data }: Fields): Hex {
  return toBytes(source, "input", said ?? data);
}

function address(value: unknown): Address {
  return toAddress(source, "address", value);
}

function bytes32(value: unknown): Hex {
  return toHash(source, "hash", value);
}
