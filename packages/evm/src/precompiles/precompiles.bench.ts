// What each precompiled contract takes that is no part of the WebAssembly: the first call, then minimum and median of rounds, in
// microseconds of a core, and the gas that a second pays for at the minimum. Not a test:
// `node packages/evm/dist/precompiles/precompiles.bench.js [ROUNDS]` prints one JSON object a line.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesOf, join, numbers } from "./bytes.testkit.ts";
import { blsG1, blsG2, blsOrder, bn254G1, bn254G2, bn254Order } from "./curves.testkit.ts";
import { precompilesOf } from "./precompilesOf.ts";

const rounds = Number(process.argv[2] ?? 5);
const budgetMicroseconds = 100_000;
const precompiles = precompilesOf("prague");
const message = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
const signature = secp256k1.sign(message, numbers(32, 77n), { prehash: false, format: "recovered" });
const signed = join(message, numbers(32, 27n + BigInt(signature[0]!)), signature.subarray(1));

const inputs: readonly (readonly [number, string, Uint8Array])[] = [
  [1, "a signature", signed],
  [2, "32 bytes", digits(32, 31)],
  [2, "1024 bytes", digits(1024, 31)],
  [3, "32 bytes", digits(32, 31)],
  [5, "32 bytes", power(32, digits(32, 57))],
  [5, "RSA-2048, exponent 65537", power(256, bytesOf("010001"))],
  [5, "256 bytes", power(256, digits(256, 57))],
  [5, "1024 bytes", power(1024, digits(1024, 57))],
  [6, "two points", join(bn254G1(bn254Order - 12n), bn254G1(77n))],
  [7, "256 bits", join(bn254G1(77n), numbers(32, (1n << 256n) - 1n))],
  [8, "two pairs", join(bn254G1(6n), bn254G2(1n), bn254G1(-2n), bn254G2(3n))],
  [
    10,
    "a proof",
    bytesOf(`
  01ad7666ef9d8f53b5adf54f029b13b6f171b1d0bd346a2ede315d3e243484ef
  0000000000000000000000000000000000000000000000000000000000000000
  73e66878b46ae3705eb6a46a89213de7d3686828bfce5c19400fffff00100001
  93efc82d2017e9c57834a1246463e64774e56183bb247c8fc9dd98c56817e878d97b05f5c8d900acf1fbbbca6f146556
  b82ded761997f2c6f1bb3db1e1dada2ef06d936551667c82f659b75f99d2da2068b81340823ee4e829a93c9fbed7810d`),
  ],
  [11, "two points", join(blsG1(5n), blsG1(9n))],
  [12, "one point", products(blsG1, 1)],
  [12, "16 points", products(blsG1, 16)],
  [13, "two points", join(blsG2(5n), blsG2(9n))],
  [14, "one point", products(blsG2, 1)],
  [14, "16 points", products(blsG2, 16)],
  [15, "two pairs", join(blsG1(6n), blsG2(1n), blsG1(-2n), blsG2(3n))],
  [16, "an element", numbers(64, blsOrder)],
  [17, "an element", numbers(64, blsOrder, 5n)],
];

for (const [address, what, input] of inputs) {
  const { name, gas, run } = precompiles.get(address)!;
  const first = timeOf(() => run(input), 1);
  const { minimum, median } = measure(() => run(input));
  const gasPerSecond = Math.round((Number(gas(input)) / minimum) * 1e6);
  print({ name, what, gas: Number(gas(input)), firstMicroseconds: first, minimum, median, gasPerSecond });
}

function measure(work: () => unknown): { minimum: number; median: number } {
  const count = Math.max(1, Math.floor(budgetMicroseconds / Math.max(1, timeOf(work, 1))));
  timeOf(work, count);
  const times = Array.from({ length: rounds }, () => timeOf(work, count)).sort((a, b) => a - b);
  return { minimum: times[0]!, median: times[rounds >> 1]! };
}

function timeOf(work: () => unknown, count: number): number {
  const start = process.cpuUsage().user;
  for (let i = 0; i < count; i++) work();
  return (process.cpuUsage().user - start) / count;
}

function digits(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * seed + (seed >> 1)) % 251) | 129);
}

function power(length: number, exponent: Uint8Array): Uint8Array {
  const lengths = numbers(32, BigInt(length), BigInt(exponent.length), BigInt(length));
  return join(lengths, digits(length, 31), exponent, digits(length, 97));
}

function products(point: (k: bigint) => Uint8Array, count: number): Uint8Array {
  const scalar = (i: number) => numbers(32, (blsOrder * BigInt(2 * i + 1)) / BigInt(2 * count + 1));
  return join(...Array.from({ length: count }, (_, i) => [point(BigInt(i + 3)), scalar(i)]).flat());
}

function print(row: Readonly<Record<string, unknown>>): void {
  process.stdout.write(
    `${JSON.stringify(row, (_, value) => (typeof value === "number" ? Number(value.toFixed(2)) : value))}\n`,
  );
}
