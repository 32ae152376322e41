// Engines of WebAssembly begin with code that is soon made and slow to run, and make a function well, on another thread, once
// it was at work for a while. Begun at the first run of a search, that leaves the search's first tenth of a second slow, since
// the interpreter's loop is long. So it is at work once before, and is made while the caller gets his state.
import { callMessage } from "./callMessage.ts";
import type { Address } from "./hex.ts";
import { createMachine } from "./Machine.ts";
import { drive } from "./Miss.ts";
import { enterBlock } from "./sendTransaction.ts";
import { createWorld } from "./World.ts";

const caller: Address = `0x${"c0".repeat(20)}`;
const looper: Address = `0x${"1f".repeat(20)}`;
// JUMPDEST PUSH1 0 JUMP, until the gas is used up.
const loop = Uint8Array.of(0x5b, 0x60, 0, 0x56);
const gas = 20_000n;
const block = {
  number: 1n,
  timestamp: 1n,
  gasLimit: gas,
  baseFeePerGas: 0n,
  coinbase: caller,
  prevRandao: 0n,
  excessBlobGas: 0n,
};

let warmed: Promise<void> | undefined;

/** Runs a loop on an instance of its own, once a process: what a function was at work for counts for the module. */
export function warmUp(): Promise<void> {
  // Whoever has no memory for it has an engine that is slow in the beginning.
  warmed ??= runLoop().catch(() => undefined);
  return warmed;
}

async function runLoop(): Promise<void> {
  const machine = await createMachine();
  const world = createWorld(machine);
  const setting = { fork: "cancun", chainId: 1n, block } as const;
  machine.calls.setLimit(1 << 27);
  machine.calls.setWorldComplete(true);
  enterBlock(machine, setting);
  world.keep(looper, { balance: 0n, nonce: 1n, code: loop });
  drive(callMessage(machine, world, setting, { from: caller, to: looper, gas }));
}
