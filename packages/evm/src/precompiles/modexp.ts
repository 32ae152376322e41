// EIP-198: three lengths of 32 bytes, then base, exponent and modulus; prices by EIP-2565, and by EIP-7883 from Osaka on.
import { readNumber, writeNumber } from "./bigEndian.ts";
import type { Precompile } from "./Precompile.ts";
import { powerModulo } from "./powerModulo.ts";

// No block pays for more: a modulus of this length costs 1.4 thousand million gas and an exponent, over a modulus of one
// word, 178 million. It keeps what is computed and allocated within bounds where somebody runs with gas without end.
const mostBytes = 1n << 19n;
const mostExponentBytes = 1n << 26n;

/** `base ^ exponent % modulus`, as long as the modulus; zero for a modulus of zero. */
export const modexp: Precompile = {
  name: "modexp",
  gas: (input) => {
    const { base, exponent, modulus } = lengthsOf(input);
    const words = ((base > modulus ? base : modulus) + 7n) / 8n;
    const gas = (words * words * iterations(exponent, headOf(input, base, exponent), 8n)) / 3n;
    return gas > 200n ? gas : 200n;
  },
  run: (input) => {
    const length = lengthsOf(input);
    if (length.modulus === 0n) return new Uint8Array(0);
    if (length.base > mostBytes || length.modulus > mostBytes) return undefined;
    const [base, modulus] = [Number(length.base), Number(length.modulus)];
    const output = new Uint8Array(modulus);
    const m = readNumber(input, 96 + base + Number(length.exponent), modulus);
    if (m <= 1n) return output;
    if (length.exponent > mostExponentBytes) return undefined;
    const exponent = { bytes: input.subarray(96 + base), length: Number(length.exponent) };
    writeNumber(output, 0, modulus, powerModulo(readNumber(input, 96, base), exponent, m));
    return output;
  },
};

// EIP-7823.
const mostBytesOfOsaka = 1024n;

/** The same with Osaka's prices and bounds (EIP-7823, EIP-7883). */
export const modexpOfOsaka: Precompile = {
  name: "modexp",
  gas: (input) => {
    const { base, exponent, modulus } = lengthsOf(input);
    const longest = base > modulus ? base : modulus;
    const words = (longest + 7n) / 8n;
    const complexity = longest <= 32n ? 16n : 2n * words * words;
    const gas = complexity * iterations(exponent, headOf(input, base, exponent), 16n);
    return gas > 500n ? gas : 500n;
  },
  run: (input) => {
    const { base, exponent, modulus } = lengthsOf(input);
    const isLong = [base, exponent, modulus].some((length) => length > mostBytesOfOsaka);
    return isLong ? undefined : modexp.run(input);
  },
};

function lengthsOf(input: Uint8Array): { base: bigint; exponent: bigint; modulus: bigint } {
  return {
    base: readNumber(input, 0, 32),
    exponent: readNumber(input, 32, 32),
    modulus: readNumber(input, 64, 32),
  };
}

// The first 32 bytes of the exponent, or all where it is shorter: what they say sets the price.
function headOf(input: Uint8Array, base: bigint, exponent: bigint): bigint {
  if (96n + base >= BigInt(input.length)) return 0n;
  return readNumber(input, 96 + Number(base), exponent < 32n ? Number(exponent) : 32);
}

function iterations(exponentLength: bigint, head: bigint, perByte: bigint): bigint {
  const headBits = head === 0n ? 0n : BigInt(head.toString(2).length - 1);
  const count = exponentLength <= 32n ? headBits : perByte * (exponentLength - 32n) + headBits;
  return count > 1n ? count : 1n;
}
