// A transaction of the plain kind in one call of the machine. Whatever is not plain, or does not fit its block, goes by the rules as
// `sendTransaction` has them, which also say why.
import { forkRules } from "./fork.ts";
import type { Machine } from "./Machine.ts";
import type { Sent } from "./runMessage.ts";
import { unsure } from "./status.ts";
import type { EngineTransaction, Setting } from "./Transaction.ts";
import { EngineMemoryExhausted } from "./World.ts";

/** The indices of accounts that are loaded. */
export interface Parties {
  readonly from: number;
  readonly to: number;
  readonly coinbase: number;
}

// Gas times a price has to fit two limbs of the machine, and gas counts there with a sign.
const mostGas = 1n << 62n;
const mostPrice = 1n << 63n;
const mostValue = 1n << 256n;
const anyNonce = (1n << 64n) - 1n;
const leastByteGas = 4;
const none = new Uint8Array();
// As `assembly/plain.ts` lays it out.
const sent = { status: 8, outputStart: 12, outputLength: 16 };

/** Runs `tx` if it is plain: `done`, or `miss` where the machine waits and `endPlain` ends it; `unsure` where nothing was done. */
export function runPlain(machine: Machine, { fork, block }: Setting, tx: EngineTransaction, parties: Parties): number {
  const { calls, words } = machine;
  const { nonce = anyNonce, gas, input, maxPriorityFeePerGas: wished = 0n } = tx;
  const { baseFeePerGas } = block;
  const rules = forkRules[fork];
  const most = tx.maxFeePerGas ?? tx.gasPrice ?? baseFeePerGas;
  if (hasLists(tx) || (tx.nonce !== undefined && !isBelow(tx.nonce, anyNonce))) return unsure;
  if (gas > rules.mostGas || gas > (block.mostGas ?? block.gasLimit) || !isBelow(gas, mostGas)) return unsure;
  if (most < baseFeePerGas || !isBelow(most, mostPrice) || !isBelow(wished, most + 1n)) return unsure;
  if (!isBelow(tx.value, mostValue)) return unsure;
  // Before it takes room for what it could not pay for.
  if (gas < BigInt(leastByteGas * input.length)) return unsure;
  const tipped = baseFeePerGas + wished;
  const price = tx.maxFeePerGas === undefined || most < tipped ? most : tipped;
  const place = calls.roomForInput(input.length) >>> 0;
  if (place === 0) throw new EngineMemoryExhausted();
  machine.bytes().set(input, place);
  // The last of the words, which nothing in between is passed by.
  const value = words + 31 * 32;
  machine.writeWord(value, tx.value);
  const { from, to, coinbase } = parties;
  const tip = price - baseFeePerGas;
  const floor = Number(rules.floorGasPerToken);
  return calls.runPlain(from, to, coinbase, value, nonce, gas, price, most, tip, floor, input.length);
}

// The machine takes numbers modulo its own sizes.
function isBelow(value: bigint, end: bigint): boolean {
  return value >= 0n && value < end;
}

function hasLists({ accessList, authorizationList, blobVersionedHashes }: EngineTransaction): boolean {
  return accessList !== undefined || authorizationList !== undefined || blobVersionedHashes !== undefined;
}

/** What came of the transaction that the machine has ended. */
export function sentPlain(machine: Machine): Sent {
  const data = machine.data();
  const at = machine.sent;
  const start = data.getUint32(at + sent.outputStart, true);
  const length = data.getUint32(at + sent.outputLength, true);
  return {
    kind: "ran",
    status: data.getUint32(at + sent.status, true),
    output: length === 0 ? none : machine.bytes().slice(start, start + length),
    gasUsed: data.getBigUint64(at, true),
    created: undefined,
  };
}
