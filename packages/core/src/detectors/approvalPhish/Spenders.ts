// Who was given power over whose tokens, for as long as the window lasts. An attacker can make as many approvals as he
// pays for, so both lists are bounded: the oldest spender falls out, and of one spender the oldest owners.
import type { Address } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import { ringOf } from "../../model/Ring.ts";

const maxSpenders = 512;
const maxOwners = 128;

/** An owner that gave a spender power, when, and whether tokens have been pulled since. */
export type Grant = readonly [owner: Address, at: number, pulled: 0 | 1];

function keyOf(spender: Address): string {
  return `grants:${spender}`;
}

/** The grants to `spender` that are younger than `seconds`, oldest first. */
export function grantsTo(memory: Memory, spender: Address, now: number, seconds: number): readonly Grant[] {
  return ringOf<Grant>(memory, keyOf(spender)).filter(([, at]) => now - Number(at) < seconds);
}

/** Notes that `owner` gave `spender` power at `now`. */
export function addGrant(memory: Memory, spender: Address, owner: Address, now: number, seconds: number): void {
  const others = grantsTo(memory, spender, now, seconds).filter(([o]) => o !== owner);
  memory.set(keyOf(spender), [...others, [owner, now, 0] as const].slice(-maxOwners));
  const spenders = ringOf<Address>(memory, "spenders");
  if (spenders.includes(spender)) return;
  const [oldest] = spenders;
  if (spenders.length >= maxSpenders && oldest !== undefined) memory.set(keyOf(oldest), undefined);
  memory.set("spenders", [...spenders, spender].slice(-maxSpenders));
}

/** Notes that `spender` pulled tokens from `owner`; nothing where he was given no power in the window. */
export function markPulled(memory: Memory, spender: Address, owner: Address): void {
  const grants = ringOf<Grant>(memory, keyOf(spender));
  if (!grants.some(([o, , pulled]) => o === owner && pulled === 0)) return;
  memory.set(
    keyOf(spender),
    grants.map(([o, at, pulled]): Grant => [o, at, o === owner ? 1 : pulled]),
  );
}
