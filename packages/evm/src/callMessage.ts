import { assertGas } from "./assertGas.ts";
import type { Machine } from "./Machine.ts";
import type { Run } from "./Miss.ts";
import { type Outcome, outcomeOf } from "./outcomeOf.ts";
import { runMessage } from "./runMessage.ts";
import { enterTransaction } from "./sendTransaction.ts";
import { nonceOverflow } from "./status.ts";
import type { Message, Setting } from "./Transaction.ts";
import { EngineMemoryExhausted, type World } from "./World.ts";

const none = new Uint8Array();
const lastNonce = (1n << 64n) - 1n;

/** Runs a message without the rules of transactions and keeps what it wrote. */
export function* callMessage(machine: Machine, world: World, { block }: Setting, given: Message): Run<Outcome> {
  const { calls } = machine;
  const gas = given.gas ?? block.gasLimit;
  assertGas(gas);
  const from = yield* world.need(given.from);
  const coinbase = yield* world.need(block.coinbase);
  const created = given.to === null ? world.addressCreatedBy(from) : undefined;
  const to = yield* world.need(created ?? given.to!);
  const mark = calls.snapshot();
  enterTransaction(machine, 0n, []);
  calls.enterRun(from, to, coinbase, 0);
  if (given.to === null) {
    const nonce = world.nonceOf(from);
    if (nonce === lastNonce) return outcomeOf({ status: nonceOverflow, output: none }, 0n, undefined);
    world.setNonce(from, nonce + 1n);
  }
  const ended = yield* runMessage(machine, {
    from,
    to,
    isCreation: given.to === null,
    value: given.value ?? 0n,
    input: given.input ?? none,
    gas,
    isStatic: given.isStatic ?? false,
  });
  if (!calls.removeDestroyed(mark)) throw new EngineMemoryExhausted();
  return outcomeOf(ended, gas - ended.gasLeft, created);
}
