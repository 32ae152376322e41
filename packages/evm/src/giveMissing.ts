import type { EngineSource, ReadySource, SourceAccount } from "./EngineOptions.ts";
import type { Address } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { type Give, type Miss, StateNotLoaded } from "./Miss.ts";
import type { World } from "./World.ts";

/** Asks `source` for what a run misses, and puts it into the engine. */
export async function giveMissing(machine: Machine, world: World, source: EngineSource, miss: Miss): Promise<void> {
  if (miss.kind === "blockHash") putBlockHash(machine, miss.number, await source.blockHash(miss.number));
  else if (miss.kind === "account") putAccount(world, miss.address, await source.account(miss.address));
  else if (miss.kind === "slot") putSlot(world, miss.address, miss.key, await source.slot(miss.address, miss.key));
  else if (source.code === undefined) throw new StateNotLoaded(miss);
  else putCode(world, miss.address, await source.code(miss.address));
}

/** The same where `source` answers at once; undefined without one. */
export function openGive(machine: Machine, world: World, source: ReadySource | undefined): Give | undefined {
  if (source === undefined) return undefined;
  return (miss) => {
    if (miss.kind === "blockHash") putBlockHash(machine, miss.number, source.blockHash(miss.number));
    else if (miss.kind === "account") putAccount(world, miss.address, source.account(miss.address));
    else if (miss.kind === "slot") putSlot(world, miss.address, miss.key, source.slot(miss.address, miss.key));
    else if (source.code === undefined) throw new StateNotLoaded(miss);
    else putCode(world, miss.address, source.code(miss.address));
  };
}

function putBlockHash(machine: Machine, number: bigint, hash: Uint8Array): void {
  machine.bytes().set(hash, machine.words);
  machine.calls.putBlockHash(number);
}

function putAccount(world: World, address: Address, account: SourceAccount | undefined): void {
  // An empty account that a source knows is none (EIP-161): no chain that is asked has any left.
  const isThere = account !== undefined && !(account.balance === 0n && account.nonce === 0n && isNone(account.code));
  world.load(address, { code: undefined, ...(account ?? nothing) }, account === undefined, isThere);
}

// Whoever gives other code than the hash says would be asked again and again.
function putCode(world: World, address: Address, code: Uint8Array): void {
  world.learnCode(code);
  if (!world.isCodeKnown(world.find(address)!)) throw new CodeOfOtherHash(address);
}

function putSlot(world: World, address: Address, key: bigint, value: bigint): void {
  world.loadSlot(world.find(address)!, key, value);
}

const nothing = { balance: 0n, nonce: 0n, code: new Uint8Array() };

const isNone = (code: Uint8Array | undefined): boolean => code !== undefined && code.length === 0;

/** Thrown where a source gives code whose hash is not that of its account. It ends the run that asked. Not retryable. */
export class CodeOfOtherHash extends Error {
  override readonly name = "CodeOfOtherHash";
  constructor(address: Address) {
    super(
      `The code given for ${address} has another hash than its account.\n- Look at the source: it answers for another block, or wrongly.`,
    );
  }
}
