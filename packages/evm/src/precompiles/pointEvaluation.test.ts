import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesOf, hexOf, numbers } from "./bytes.testkit.ts";
import { blsOrder } from "./curves.testkit.ts";
import { pointEvaluation } from "./pointEvaluation.ts";

const data = process.env.TESTUDO_DATA;
const archive = data === undefined ? "" : join(data, "ethereum-tests", "Pyspecs.tar.gz");
const success =
  "0000000000000000000000000000000000000000000000000000000000001000" +
  "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
// verify_kzg_proof_case_correct_proof_26b753dec0560daa of the consensus tests, as a call.
const proven = bytesOf(`
  01ad7666ef9d8f53b5adf54f029b13b6f171b1d0bd346a2ede315d3e243484ef
  0000000000000000000000000000000000000000000000000000000000000000
  73e66878b46ae3705eb6a46a89213de7d3686828bfce5c19400fffff00100001
  93efc82d2017e9c57834a1246463e64774e56183bb247c8fc9dd98c56817e878d97b05f5c8d900acf1fbbbca6f146556
  b82ded761997f2c6f1bb3db1e1dada2ef06d936551667c82f659b75f99d2da2068b81340823ee4e829a93c9fbed7810d`);

function withNumber(start: number, value: bigint): Uint8Array {
  const input = proven.slice();
  input.set(numbers(32, value), start);
  return input;
}

test("EVM-01: a point of a blob that is proven gives the size of blobs and the order of their field", () => {
  expect(hexOf(pointEvaluation.run(proven))).toBe(success);
  expect(pointEvaluation.gas(proven)).toBe(50_000n);
});

test.each([
  ["the value is another", withNumber(64, 5n)],
  ["the place is another", withNumber(32, 1n)],
  ["the place is written another way", withNumber(32, blsOrder)],
  ["the hash has another version", proven.with(0, 2)],
  ["the hash is another's", proven.with(31, 0)],
  ["the proof is no point", proven.with(191, 0)],
  ["the proof is not compressed", proven.with(144, 0x38)],
  ["a byte is missing", proven.subarray(0, 191)],
  ["a byte is too many", Uint8Array.of(...proven, 0)],
])("EVM-01: a point of a blob is not proven where %s", (_, input) => {
  expect(hexOf(pointEvaluation.run(input))).toBe("fails");
});

describe.skipIf(!existsSync(archive))("proofs of the consensus tests (set TESTUDO_DATA to run)", () => {
  test("EVM-01: all 122 cases of the state tests' external vectors come out as their name says", () => {
    const file = "Pyspecs/cancun/eip4844_blobs/point_evaluation_precompile_external_vectors.json";
    const text = execFileSync("tar", ["xzOf", archive, file], { encoding: "utf8", maxBuffer: 1 << 26 });
    const cases = Object.entries(JSON.parse(text) as Record<string, { transaction: { data: [string] } }>);
    const wrong = cases.filter(([name, { transaction }]) => {
      const output = hexOf(pointEvaluation.run(bytesOf(transaction.data[0].slice(2))));
      return output !== (name.includes("_case_correct_") ? success : "fails");
    });
    expect(cases).toHaveLength(122);
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});
