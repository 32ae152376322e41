import { appraiser } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import { fromHex } from "../record/bytes.ts";

/** A word of what `to` answers, or its native balance where nothing is asked. */
export interface Question {
  readonly to: Address;
  readonly input: Hex;
  readonly word: number;
}

/** Call data that asks the appraiser all of them. */
export function encodeQuestions(questions: readonly Question[]): Uint8Array {
  const args = questions.map(({ to, input, word }) => ({ to, data: input, word: BigInt(word) }));
  return fromHex(encodeFunctionData({ abi: appraiser.abi, functionName: "appraise", args: [args] }));
}

/** Words of an array of words; `from`: of words that stand without offset and length. */
export function readWords(output: Uint8Array, from = 64): bigint[] {
  const view = new DataView(output.buffer, output.byteOffset, output.length);
  const words: bigint[] = [];
  for (let at = from; at + 32 <= output.length; at += 32) {
    let word = 0n;
    for (let limb = 0; limb < 4; limb++) word = (word << 64n) | view.getBigUint64(at + 8 * limb);
    words.push(word);
  }
  return words;
}
