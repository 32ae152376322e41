import { type EvmMark, type EvmRead, StateMissing } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import { toHex, toWordBytes } from "../record/bytes.ts";
import { emptyCode, type WorldState } from "./WorldState.ts";

type Call = Extract<EvmRead, { readonly kind: "call" }>;

/** What is read of a world, when, and how the engine at work makes a call. */
interface Reading {
  readonly read: EvmRead;
  /** Undefined: now. */
  readonly mark: EvmMark | undefined;
  readonly call: (read: Call) => Promise<StateAnswer>;
}

/** Answers a read of `world`, and leaves nothing of it there. State that was not recorded has no answer. */
export async function readWorld(world: WorldState, { read, mark, call }: Reading): Promise<StateAnswer> {
  const comeBack = world.rewind(mark ?? world.mark());
  const here = world.mark();
  try {
    return read.kind === "call" ? await call(read) : await stored(world, read);
  } catch (error) {
    if (error instanceof StateMissing) return { ok: false, error: error.message };
    throw error;
  } finally {
    world.revert(here);
    comeBack();
  }
}

async function stored(world: WorldState, read: Exclude<EvmRead, Call>): Promise<StateAnswer> {
  switch (read.kind) {
    case "balance":
      return { ok: true, value: toHex(toWordBytes((await world.account(read.address))?.balance ?? 0n)) };
    case "slot":
      return { ok: true, value: toHex(await world.slot(read.address, wordOf(read.slot))) };
    case "code": {
      const account = await world.account(read.address);
      if (account !== undefined && account.code === undefined)
        return { ok: false, error: `The code of ${read.address} was not recorded.` };
      return { ok: true, value: toHex(account?.code ?? emptyCode) };
    }
    default:
      return never(read);
  }
}

/** What a call that failed answers: why, and what it gave back. */
export function failedCall(said: string, output: Hex): StateAnswer {
  return { ok: false, error: output === "0x" ? said : `${said} ${output.slice(0, 1_000)}` };
}

function wordOf(slot: Hex): Hex {
  return `0x${slot.slice(2).padStart(64, "0")}`;
}

function never(read: never): never {
  throw new TypeError(`Unknown state read ${JSON.stringify(read)}.`);
}
