// Engines of WebAssembly begin with code that is soon made and slow to run, and make a function well, on another thread, once
// it was at work for a while. Begun at the first run of a search, that leaves the search's first tenth of a second slow, since
// the interpreter's loop is long. So it is at work once before, as soon as the caller waits for anything, which is for his state
// as a rule. Whoever searches at once makes it busy himself.
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

let isPlanned = false;

/** Plans to run a loop on an instance of its own, once a process: what a function was at work for counts for the module. */
export function planWarmUp(): void {
  if (isPlanned) return;
  isPlanned = true;
  // Whoever has no memory for it has an engine that is slow in the beginning.
  setTimeout(() => void runLoop().catch(() => undefined), 0);
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
