import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, hexOf, join, numbers } from "./bytes.testkit.ts";
import { modexp } from "./modexp.ts";

const prime = (1n << 256n) - (1n << 32n) - 977n;

function inputOf(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array {
  const lengths = [base, exponent, modulus].map(({ length }) => BigInt(length));
  return join(numbers(32, ...lengths), base, exponent, modulus);
}

// One bit at a time, from the lowest.
function slowPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (let [b, e] = [base % modulus, exponent]; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * b) % modulus;
    b = (b * b) % modulus;
  }
  return result;
}

function numberIn(bytes: Uint8Array): bigint {
  return BigInt(`0x0${hexOf(bytes)}`);
}

test("EVM-01: modexp gives the examples of EIP-198 at the prices of EIP-2565", () => {
  const fermat = inputOf(bytesOf("03"), numbers(32, prime - 1n), numbers(32, prime));
  expect(hexOf(modexp.run(fermat))).toBe("1".padStart(64, "0"));
  expect(modexp.gas(fermat)).toBe(1360n);
  const zeroBase = inputOf(new Uint8Array(0), numbers(32, prime - 1n), numbers(32, prime));
  expect(hexOf(modexp.run(zeroBase))).toBe("0".repeat(64));
  expect(modexp.gas(zeroBase)).toBe(1360n);
  // The modulus stops short and reads as 2^255.
  const short = join(numbers(32, 1n, 2n, 32n), bytesOf("03ffff80"));
  expect(hexOf(modexp.run(short))).toBe("3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab");
});

test.each([
  [64, [200n, 200n, 341n]],
  [128, [200n, 200n, 1365n]],
  [256, [341n, 341n, 5461n]],
  [512, [1365n, 1365n, 21845n]],
  [1024, [5461n, 5461n, 87381n]],
])("EVM-01: square, cube and power 65537 of %i bytes cost what EIP-2565 lists", (length, gas) => {
  const number = new Uint8Array(length).fill(0xff);
  const exponents = [bytesOf("02"), bytesOf("03"), bytesOf("010001")];
  expect(exponents.map((exponent) => modexp.gas(inputOf(number, exponent, number)))).toEqual(gas);
});

test("EVM-01: modexp agrees with square and multiply, one bit at a time", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (base, exponent, modulus) => {
      const m = numberIn(modulus);
      const expected = m === 0n ? 0n : slowPower(numberIn(base), numberIn(exponent), m);
      const output = modexp.run(inputOf(base, exponent, modulus))!;
      expect(output).toHaveLength(modulus.length);
      expect(numberIn(output)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("EVM-08: lengths of any size cost their price at once, and take no memory", () => {
  const most = (1n << 256n) - 1n;
  expect(modexp.gas(numbers(32, 0n, most, 0n))).toBe(200n);
  expect(hexOf(modexp.run(numbers(32, 0n, most, 0n)))).toBe("");
  expect(hexOf(modexp.run(numbers(32, most, most, 0n)))).toBe("");
  expect(modexp.gas(numbers(32, most, 0n, 0n))).toBeGreaterThan(1n << 500n);
  expect(modexp.gas(numbers(32, 0n, most, 1n))).toBeGreaterThan(1n << 256n);
  for (const lengths of [
    [most, 0n, 1n],
    [0n, 0n, most],
    [0n, 1n, 1n << 40n],
  ] as const)
    expect(hexOf(modexp.run(join(numbers(32, ...lengths), bytesOf("01".repeat(64)))))).toBe("fails");
  expect(hexOf(modexp.run(join(numbers(32, 1n, 1n << 40n, 1n), bytesOf("02ff"))))).toBe("00");
});

test("EVM-08: operands of a kilobyte take seconds at most, on a busy core too", () => {
  const number = (seed: number) => Uint8Array.from({ length: 1024 }, (_, i) => ((i * seed + (seed >> 1)) % 251) | 129);
  const [base, exponent, modulus] = [number(31), number(57), number(97)];
  const start = process.cpuUsage().user;
  expect(modexp.run(inputOf(base, exponent, modulus))).toHaveLength(1024);
  expect(process.cpuUsage().user - start).toBeLessThan(3_000_000);
  const short = exponent.subarray(0, 60);
  const expected = slowPower(numberIn(base), numberIn(short), numberIn(modulus));
  expect(numberIn(modexp.run(inputOf(base, short, modulus))!)).toBe(expected);
});
