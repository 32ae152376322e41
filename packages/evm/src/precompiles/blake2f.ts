import { compressBlake2b } from "./compressBlake2b.ts";
import type { Precompile } from "./Precompile.ts";

const inputLength = 213;

/** So many rounds of BLAKE2b's compression (EIP-152): rounds, state, message, two offsets, and whether it is the last block. */
export const blake2f: Precompile = {
  name: "blake2f",
  // An input of another length fails at no price of its own, and then takes all.
  gas: (input) => (input.length === inputLength ? BigInt(roundsOf(input)) : 0n),
  run: (input) => {
    const last = input[212];
    if (input.length !== inputLength || (last !== 0 && last !== 1)) return undefined;
    const words = littleEndianWords(input.subarray(4, 212));
    const state = words.slice(0, 16);
    compressBlake2b(roundsOf(input), state, words.subarray(16, 48), words.subarray(48), last === 1);
    const output = new Uint8Array(64);
    const view = new DataView(output.buffer);
    state.forEach((word, i) => {
      view.setUint32(4 * i, word, true);
    });
    return output;
  },
};

function roundsOf(input: Uint8Array): number {
  return new DataView(input.buffer, input.byteOffset).getUint32(0);
}

function littleEndianWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
