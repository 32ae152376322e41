// What is read from our own engine, in the words of the domain.

import type { EvmRead } from "@testudo/core/model/Evm";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import type { Engine } from "@testudo/evm/Engine";
import { HostExhausted } from "@testudo/evm/EngineOptions";
import type { MomentAnswer, MomentQuestion } from "@testudo/evm/readWithin";
import { fromHex, toHex } from "../record/bytes.ts";

// Views of tokens and pools take a fraction of it.
const readGas = 5_000_000n;
const nobody: Address = `0x${"0".repeat(40)}`;

/** Answers `read` from the state as it stands. A view that takes more of precompiled contracts than it may has no answer. */
export async function answerRead(engine: Engine, read: EvmRead): Promise<StateAnswer> {
  try {
    return toAnswer(read, await find(engine, toQuestion(read)));
  } catch (error) {
    if (error instanceof HostExhausted) return { ok: false, error: firstLineOf(error) };
    throw error;
  }
}

/** `read` as our engine is asked; a call comes from nobody, as `eth_call` has it. */
export function toQuestion(read: EvmRead): MomentQuestion {
  switch (read.kind) {
    case "balance":
    case "code":
      return { kind: "account", address: read.address };
    case "slot":
      return { kind: "slot", address: read.address, key: BigInt(read.slot) };
    case "call":
      return { kind: "call", message: { from: nobody, to: read.to, input: fromHex(read.data), gas: readGas } };
    default:
      return never(read);
  }
}

/** What our engine found, as the answer to `read`. */
export function toAnswer(read: EvmRead, found: MomentAnswer): StateAnswer {
  switch (found.kind) {
    case "slot":
      return { ok: true, value: toWord(found.value) };
    case "account": {
      const { balance, code } = found.account;
      if (read.kind === "balance") return { ok: true, value: toWord(balance) };
      if (code !== undefined) return { ok: true, value: toHex(code) };
      const { address } = read as Extract<EvmRead, { kind: "code" }>;
      return { ok: false, error: `The code of ${address} was not recorded.` };
    }
    case "call": {
      const { succeeded, error, output } = found.outcome;
      const value = toHex(output);
      if (succeeded) return { ok: true, value };
      return { ok: false, error: value === "0x" ? error! : `${error!} ${value.slice(0, 1_000)}` };
    }
    default:
      return never(found);
  }
}

async function find(engine: Engine, question: MomentQuestion): Promise<MomentAnswer> {
  switch (question.kind) {
    case "account":
      return { kind: "account", account: await engine.accountAsync(question.address) };
    case "slot":
      return { kind: "slot", value: await engine.slotAsync(question.address, question.key) };
    case "call":
      return { kind: "call", outcome: await call(engine, question.message) };
    default:
      return never(question);
  }
}

/** What it writes is taken back. */
async function call(engine: Engine, message: Extract<MomentQuestion, { kind: "call" }>["message"]) {
  const before = engine.snapshot();
  engine.setHooks({ trace: false });
  try {
    return await engine.callAsync(message);
  } finally {
    engine.setHooks({ trace: true });
    engine.rollback(before);
  }
}

function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function never(read: never): never {
  throw new TypeError(`Unknown state read ${JSON.stringify(read)}.`);
}
