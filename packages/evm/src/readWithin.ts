// State in the middle of a transaction. The run is left where it is, what was asked is read, and all of it is taken back.
import { assertGas } from "./assertGas.ts";
import type { SourceAccount } from "./EngineOptions.ts";
import type { Address } from "./hex.ts";
import { type Machine, RunHalted } from "./Machine.ts";
import type { Run } from "./Miss.ts";
import { type Outcome, outcomeOf } from "./outcomeOf.ts";
import { runMessage } from "./runMessage.ts";
import { enterTransaction, sendTransaction } from "./sendTransaction.ts";
import type { EngineTransaction, Message, Setting } from "./Transaction.ts";
import type { World } from "./World.ts";

/**
 * A moment in a transaction: where a call of its tree begins, or where it has ended. `order` counts the calls, creations and
 * self-destructions from 0 as they begin, those that failed or never ran any code among them.
 *
 * "begin": nothing of the call is done yet. Its value has not moved, an account that it makes is not there, nor is its maker's nonce
 * used. "end": its caller goes on. Value has moved and code is there where it succeeded; where it failed all that it and the calls in it
 * did is taken back, its value too, and of a creation only the maker's nonce is left. At both ends of the outermost call the fee is
 * taken from the sender and nothing of it is given back or paid to anybody yet.
 */
export interface EngineMoment {
  readonly order: number;
  readonly side: "begin" | "end";
}

/** What is asked at a moment. `to` of a message is an account that is there. */
export type MomentQuestion =
  | { readonly kind: "account"; readonly address: Address }
  | { readonly kind: "slot"; readonly address: Address; readonly key: bigint }
  | { readonly kind: "call"; readonly message: Message & { readonly to: Address } };

export type MomentAnswer =
  | { readonly kind: "account"; readonly account: SourceAccount }
  | { readonly kind: "slot"; readonly value: bigint }
  | { readonly kind: "call"; readonly outcome: Outcome };

/** What the questions are answered with. */
export interface MomentReaders {
  account(address: Address): Run<SourceAccount>;
  slot(address: Address, key: bigint): Run<bigint>;
  /** Bounds precompiled contracts anew: neither the transaction nor a call before pays for what the next one may take. */
  boundHost(): void;
  /** Throws where that bound was passed: what failed for it would not have failed there. */
  assertHost(): void;
}

/**
 * Answers `questions` from the state that `tx` comes to at `moment`. Undefined where it does not come there, or is not valid. Whoever
 * calls it rolls back to where the state was before, whatever comes of it.
 */
export function* readWithin(
  machine: Machine,
  world: World,
  setting: Setting,
  tx: EngineTransaction,
  moment: EngineMoment,
  questions: readonly MomentQuestion[],
  readers: MomentReaders,
): Run<readonly MomentAnswer[] | undefined> {
  if (!(yield* runTo(machine, world, setting, tx, moment, readers))) return undefined;
  const halted = machine.calls.snapshot();
  const answers: MomentAnswer[] = [];
  for (const question of questions) {
    answers.push(yield* answer(machine, world, question, readers));
    machine.calls.rollback(halted);
  }
  return answers;
}

function* runTo(
  machine: Machine,
  world: World,
  setting: Setting,
  tx: EngineTransaction,
  { order, side }: EngineMoment,
  { boundHost, assertHost }: MomentReaders,
): Run<boolean> {
  boundHost();
  machine.calls.awaitMoment(order, side === "end");
  try {
    yield* sendTransaction(machine, world, setting, tx);
    assertHost();
    return false;
  } catch (error) {
    if (!(error instanceof RunHalted)) throw error;
    assertHost();
    return true;
  } finally {
    machine.calls.awaitNone();
  }
}

function* answer(
  machine: Machine,
  world: World,
  question: MomentQuestion,
  { account, slot, boundHost, assertHost }: MomentReaders,
): Run<MomentAnswer> {
  switch (question.kind) {
    case "account":
      return { kind: "account", account: yield* account(question.address) };
    case "slot":
      return { kind: "slot", value: yield* slot(question.address, question.key) };
    case "call": {
      boundHost();
      const outcome = yield* callWithin(machine, world, question.message);
      assertHost();
      return { kind: "call", outcome };
    }
  }
}

/**
 * A call in the middle of the transaction, as if it were made there: it finds transient storage as it stands, and what is warm is warm.
 */
function* callWithin(machine: Machine, world: World, given: Message & { readonly to: Address }): Run<Outcome> {
  const { input = new Uint8Array(), gas = 0n } = given;
  assertGas(gas);
  const from = yield* world.need(given.from);
  const to = yield* world.need(given.to);
  enterTransaction(machine, 0n, []);
  machine.calls.enterWithin(from);
  const ended = yield* runMessage(machine, {
    ...{ from, to, input, gas },
    isCreation: false,
    value: given.value ?? 0n,
    isStatic: given.isStatic ?? false,
  });
  return outcomeOf(ended, gas - ended.gasLeft, undefined);
}
