// Foundry's cheat codes for harnesses, where an engine is opened with them. What they do is in `assembly/cheat.ts`.

import { type ConsoleLine, decodeConsoleCall } from "./decodeConsoleCall.ts";
import { type Address, toAddress } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import type { World } from "./World.ts";

/** Where Foundry's harnesses find `vm`: the last 20 bytes of keccak256("hevm cheat code"). */
export const cheatAddress: Address = "0x7109709ecfa91a80626ff3989d68f67f5b1dd12d";
/** "console.log" in ASCII, with zeros before it. */
export const consoleAddress: Address = "0x000000000000000000636f6e736f6c652e6c6f67";

const consoleRecords = 5;
const labelRecords = 6;
const noStorage = { balance: 0n, nonce: 0n };

/** Puts both addresses into the state, so that no source is asked for them, and lets the engine act for them. */
export function enableCheats(machine: Machine, world: World): void {
  // Solidity calls nobody without code. It is INVALID, since what reaches it was no call of a contract.
  const vm = world.keep(cheatAddress, { ...noStorage, code: Uint8Array.of(0xfe) });
  const console = world.keep(consoleAddress, { ...noStorage, code: new Uint8Array() });
  machine.calls.setCheats(vm, console);
}

/** What the last run wrote with console.log, also in frames that failed. */
export function readConsole(machine: Machine): ConsoleLine[] {
  return calls(machine, consoleRecords).map(decodeConsoleCall);
}

/** Names that vm.label gave, the last one for each address. No rollback takes them back. */
export function readLabels(machine: Machine): Map<Address, string> {
  const labels = new Map<Address, string>();
  for (const call of calls(machine, labelRecords)) {
    const data = new DataView(call.buffer, call.byteOffset);
    if (call.length < 100) continue;
    const address = toAddress(word(call, 4));
    labels.set(address, new TextDecoder().decode(call.subarray(100, 100 + data.getUint32(96))));
  }
  return labels;
}

function word(bytes: Uint8Array, at: number): bigint {
  let value = 0n;
  for (const byte of bytes.subarray(at, at + 32)) value = (value << 8n) | BigInt(byte);
  return value;
}

function calls(machine: Machine, which: number): Uint8Array[] {
  const start = machine.calls.recordsStart(which) >>> 0;
  const end = start + (machine.calls.recordsLength(which) >>> 0);
  const found: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const length = machine.data().getUint32(at, true);
    found.push(machine.bytes().slice(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
  return found;
}
