import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { armor, Encrypter } from "age-encryption";

/** A call that does harm when it is made after `onBlock`: a working exploit. `value` in wei. */
export interface ExploitCall {
  readonly chainId: number;
  readonly from: Address;
  readonly to: Address;
  readonly input: Hex;
  readonly value: bigint;
  readonly onBlock: BlockRef;
}

/**
 * Gives a function that encrypts a call for all of `recipients` (age public keys, `age1…`), any one of whom can open it;
 * undefined without any. The result is an armoured age file (age-encryption.org/v1) that holds one JSON object; `age -d`
 * opens it. Nothing that is kept here can. Throws what the library says of a recipient that is none.
 */
export function openSeal(recipients: readonly string[]): ((call: ExploitCall) => Promise<string>) | undefined {
  if (recipients.length === 0) return undefined;
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return async ({ chainId, from, to, input, value, onBlock }) => {
    const block = { number: `${onBlock.number}`, hash: onBlock.hash };
    const text = JSON.stringify({ chainId, from, to, input, value: `${value}`, onBlock: block }, undefined, 2);
    return armor.encode(await encrypter.encrypt(`${text}\n`));
  };
}

/** Whether `text` is a public key that a call can be encrypted for. */
export function isRecipient(text: string): boolean {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}
