// Our engine behind the interface of the conformance run: a state is loaded whole, one transaction runs, the whole state is
// read back.
import { type Address, fromHex } from "../hex.ts";
import { createMachine } from "../Machine.ts";
import type { Miss } from "../Miss.ts";
import { loadPrecompiles, precompilesOf } from "../precompiles/precompilesOf.ts";
import { readLogs } from "../readLogs.ts";
import { enterBlock, sendTransaction } from "../sendTransaction.ts";
import type { EngineTransaction } from "../Transaction.ts";
import { createWorld } from "../World.ts";
import type { StateAccount, StateTestEngine, StateTestRun } from "./StateTestEngine.ts";

export async function openStateTestEngine(): Promise<StateTestEngine> {
  const [machine] = await Promise.all([createMachine(), loadPrecompiles()]);
  const world = createWorld(machine);
  // Some tests have more gas than any block, and buy memory with it.
  machine.calls.setLimit(2 ** 32 - 65_536);

  function load(run: StateTestRun): void {
    world.forget();
    machine.setPrecompiles(precompilesOf(run.fork));
    for (const [address, account] of run.pre) {
      const index = world.load(address as Address, account, true);
      for (const [key, value] of account.storage) world.loadSlot(index, key, value);
    }
  }

  return {
    runTransaction(run) {
      const { block, tx } = run;
      const setting = {
        fork: run.fork,
        chainId: run.chainId,
        block: { ...block, coinbase: block.coinbase as Address, prevRandao: toWord(block.prevRandao) },
      };
      load(run);
      enterBlock(machine, setting);
      // The suite's addresses are lower-case hex, as ours are; only the types do not say so.
      const sending = sendTransaction(machine, world, setting, tx as EngineTransaction);
      let step = sending.next();
      for (; !step.done; step = sending.next()) answer(step.value, run);
      const sent = step.value;
      if (sent.kind === "invalid") return sent;
      const post = new Map<string, StateAccount>();
      for (const [index, account] of world.all().entries()) {
        if (account.isThere) post.set(account.address, { ...account, storage: world.storageOf(index) });
      }
      const logs = readLogs(machine).map(({ address, topics, data }) => ({
        address,
        topics: topics.map(fromHex),
        data: fromHex(data),
      }));
      return { kind: "ran", logs, post };
    },
  };

  function answer(miss: Miss, run: StateTestRun): void {
    if (miss.kind !== "blockHash") throw new Error(`The state is whole, and ${miss.kind} was asked for.`);
    machine.bytes().set(run.blockHash(miss.number), machine.words);
    machine.calls.putBlockHash(miss.number);
  }
}

function toWord(bytes: Uint8Array): bigint {
  let word = 0n;
  for (const byte of bytes) word = (word << 8n) | BigInt(byte);
  return word;
}
