import type { Address, Hex } from "./Hex.ts";

/** At which block state is read: the block under judgement, its parent, or a block named by hash. Never by number. */
export type At = "parent" | "block" | { readonly hash: Hex };

/** One question about state. The answer to `call` is the return data, to the others a 32-byte word or the code. */
export type StateRead =
  | { readonly kind: "call"; readonly at: At; readonly to: Address; readonly data: Hex }
  | { readonly kind: "slot"; readonly at: At; readonly address: Address; readonly slot: Hex }
  | { readonly kind: "balance"; readonly at: At; readonly address: Address }
  | { readonly kind: "code"; readonly at: At; readonly address: Address };

/** What a node answered. A revert is an answer (`ok: false`); a node that cannot be reached is not. */
export type StateAnswer = { readonly ok: true; readonly value: Hex } | { readonly ok: false; readonly error: string };

/** A key that is equal for equal questions. */
export function keyOfRead(read: StateRead): string {
  const at = typeof read.at === "string" ? read.at : read.at.hash;
  switch (read.kind) {
    case "call":
      return `call:${at}:${read.to}:${read.data}`;
    case "slot":
      return `slot:${at}:${read.address}:${read.slot}`;
    case "balance":
      return `balance:${at}:${read.address}`;
    case "code":
      return `code:${at}:${read.address}`;
    default:
      return never(read);
  }
}

function never(read: never): never {
  throw new TypeError(`Unknown state read ${JSON.stringify(read)}.`);
}
