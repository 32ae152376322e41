// What stands in a transaction object of JSON-RPC as items of RLP, to the letter. Throws `RpcMalformed`.
import type { Hex } from "@testudo/core/model/Hex";
import { type Fields, toAddress, toBigint, toNumber } from "./parseField.ts";
import { toRlpNumber } from "./toRlpNumber.ts";

export type Item = Hex | readonly Item[];

export const source = { method: "transaction" };

/** The type of `wire` (EIP-2718), 0 where none is said. */
export function typeOf({ type }: Fields): number {
  return type == null ? 0 : toNumber(source, "type", type);
}

/** A quantity and nothing else: of a long text in decimal digits a number takes minutes. */
export function quantity(value: unknown): Hex {
  return toRlpNumber(toBigint(source, "quantity", value));
}

/** Whom a transaction calls; no bytes where it creates a contract. */
export function receiver(to: unknown): Hex {
  return to == null ? "0x" : toAddress(source, "to", to);
}
