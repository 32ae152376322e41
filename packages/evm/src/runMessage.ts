import { type Address, toAddress } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import type { Miss, Run } from "./Miss.ts";
import { fault, miss, restart, succeeded } from "./status.ts";
import { EngineMemoryExhausted } from "./World.ts";

/** A call or creation between accounts that are loaded. */
export interface Outermost {
  readonly from: number;
  readonly to: number;
  readonly isCreation: boolean;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly gas: bigint;
  readonly isStatic: boolean;
}

/** How the outermost frame ended. */
export interface Ended {
  readonly status: number;
  readonly gasLeft: bigint;
  readonly output: Uint8Array;
}

/** What came of a transaction. */
export type Sent =
  | ({ readonly kind: "ran"; readonly gasUsed: bigint; readonly created: Address | undefined } & Omit<Ended, "gasLeft">)
  | { readonly kind: "invalid"; readonly why: string };

/** Runs the outermost frame to its end. The caller has begun the run, and takes back what a fault leaves. */
export function* runMessage(machine: Machine, message: Outermost): Run<Ended> {
  const { calls, words } = machine;
  const { from, to, input } = message;
  let result: number;
  do {
    const place = calls.roomForInput(input.length) >>> 0;
    if (place === 0) throw new EngineMemoryExhausted();
    machine.bytes().set(input, place);
    // The last of the words, which nothing in between is passed by.
    const value = words + 31 * 32;
    machine.writeWord(value, message.value);
    result = message.isCreation
      ? calls.runCreation(from, to, value, message.gas, input.length)
      : calls.runCall(from, to, value, message.gas, input.length, message.isStatic);
    if (result === restart) yield missOf(machine);
  } while (result === restart);
  while (result === miss) {
    yield missOf(machine);
    result = calls.resume();
  }
  if (result === fault) throw new EngineMemoryExhausted();
  const status = calls.status();
  const start = calls.outputStart() >>> 0;
  return {
    status,
    gasLeft: status === succeeded || status === 1 || status >= 20 ? calls.gasLeft() : 0n,
    output: machine.bytes().slice(start, start + (calls.outputLength() >>> 0)),
  };
}

/** What the run that was interrupted last needs. */
export function missOf(machine: Machine): Miss {
  const at = machine.calls.missWords() >>> 0;
  const first = machine.readWord(at);
  const second = machine.readWord(at + 32);
  switch (machine.calls.missKind()) {
    case 1:
      return { kind: "account", address: toAddress(first) };
    case 2:
      return { kind: "slot", address: toAddress(first), key: second };
    case 4:
      return { kind: "code", address: toAddress(first) };
    default:
      return { kind: "blockHash", number: second };
  }
}
