import { assemble } from "../assemble.testkit.ts";
import { type Address, fromHex } from "../hex.ts";
import type { EngineAccount } from "../openEngine.ts";

/** A program that means harm to whoever runs it, or more that work together; the first is the one to call. */
export interface Attack {
  readonly name: string;
  readonly codes: readonly Uint8Array[];
}

/** Where the codes of an attack stand. */
export const placeOf = (index: number): Address => `0x${"0b".repeat(19)}${(index + 1).toString(16).padStart(2, "0")}`;

/** The state that an attack runs in, beside what else is there. */
export function accountsOf({ codes }: Attack): Map<Address, EngineAccount> {
  return new Map(
    codes.map((code, i) => [placeOf(i), { balance: 1_000_000n, nonce: 1n, code, storage: new Map([[0n, 1n]]) }]),
  );
}

export const attack = (name: string, ...codes: readonly (string | Uint8Array)[]): Attack => ({
  name,
  codes: codes.map((code) => (typeof code === "string" ? assemble(code) : code)),
});

/** Code that goes on until gas or stack are at an end. */
export const forever = (text: string): string => `:again ${text} @again JUMP`;
/** The same with a number on the stack that each round adds one to. */
export const counting = (text: string): string => `0 :again 1 ADD ${text} @again JUMP`;

export const repeated = (hex: string, times: number): Uint8Array => fromHex(`0x${hex.repeat(times)}`);

const bodyAt = 0x1000;

/**
 * Copies `body` to memory and runs `create` again and again, each time with the number of the round at 64 in memory, and on the
 * stack: no init code is like another.
 */
export function creating(create: string, body: Uint8Array): Uint8Array {
  const head = assemble(`${body.length} ${bodyAt} 0 CODECOPY ${counting(`DUP1 64 MSTORE ${create} POP`)}`);
  const code = new Uint8Array(bodyAt + body.length);
  code.set(head);
  code.set(body, bodyAt);
  return code;
}
