import type { EngineSource } from "./EngineOptions.ts";
import type { Machine } from "./Machine.ts";
import { type Miss, StateNotLoaded } from "./Miss.ts";
import type { World } from "./World.ts";

/** Asks `source` for what a run misses, and puts it into the engine. */
export async function giveMissing(machine: Machine, world: World, source: EngineSource, miss: Miss): Promise<void> {
  if (miss.kind === "blockHash") {
    const hash = await source.blockHash(miss.number);
    machine.bytes().set(hash, machine.words);
    machine.calls.putBlockHash(miss.number);
  } else if (miss.kind === "account") {
    const account = await source.account(miss.address);
    // An empty account that a source knows is none (EIP-161): no chain that is asked has any left.
    const isThere = account !== undefined && !(account.balance === 0n && account.nonce === 0n && isNone(account.code));
    world.load(miss.address, { code: undefined, ...(account ?? nothing) }, account === undefined, isThere);
  } else if (miss.kind === "code") {
    if (source.code === undefined) throw new StateNotLoaded(miss);
    world.learnCode(await source.code(miss.address));
  } else {
    const value = await source.slot(miss.address, miss.key);
    world.loadSlot(world.find(miss.address)!, miss.key, value);
  }
}

const nothing = { balance: 0n, nonce: 0n, code: new Uint8Array() };

const isNone = (code: Uint8Array | undefined): boolean => code !== undefined && code.length === 0;
