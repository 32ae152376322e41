import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openSealer } from "../report/sealFinding.ts";

/** A call as anyone can make it again. `value` in wei. */
export interface PlainCall {
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
  readonly value: bigint;
  /** Seconds after the call before it, where it waits. */
  readonly seconds?: number;
}

/** A call that does harm when it is made after `onBlock`: a working exploit. */
export interface ExploitCall extends PlainCall {
  readonly chainId: number;
  /** Calls that have to be made first, in their order. */
  readonly before?: readonly PlainCall[];
  readonly onBlock: BlockRef;
}

/**
 * Gives a function that encrypts a call for all of `recipients` (age public keys, `age1…`), any one of whom can open it;
 * undefined without any. The result is an armoured age file (age-encryption.org/v1) that holds one JSON object; `age -d`
 * opens it. Nothing that is kept here can. Throws what the library says of a recipient that is none.
 */
export function openSeal(recipients: readonly string[]): ((call: ExploitCall) => Promise<string>) | undefined {
  const seal = openSealer(recipients);
  if (seal === undefined) return undefined;
  return async ({ chainId, before, onBlock, ...call }) => {
    const block = { number: `${onBlock.number}`, hash: onBlock.hash };
    const first = before === undefined ? {} : { before: before.map(told) };
    const text = JSON.stringify({ chainId, ...told(call), ...first, onBlock: block }, undefined, 2);
    return seal(`${text}\n`);
  };
}

function told({ from, to, input, value, seconds }: PlainCall) {
  return { from, to, input, value: `${value}`, ...(seconds === undefined ? {} : { seconds }) };
}
