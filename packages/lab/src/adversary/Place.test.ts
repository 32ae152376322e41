import fc from "fast-check";
import type { AbiParameter } from "viem";
import { encodeAbiParameters } from "viem/utils";
import { expect, test } from "vitest";
import { fromHex } from "../record/bytes.ts";
import { placesOf, readPlace, writePlace } from "./Place.ts";

const inputs: readonly AbiParameter[] = [
  { name: "count", type: "uint64" },
  {
    name: "order",
    type: "tuple",
    components: [
      { name: "owner", type: "address" },
      { name: "amounts", type: "int128[]" },
      { name: "note", type: "bytes" },
    ],
  },
  { name: "flags", type: "bool[2]" },
  { name: "key", type: "bytes4" },
];
const byte = fc.integer({ min: 0, max: 255 });
const hex = (bytes: readonly number[]): `0x${string}` => `0x${Buffer.from(bytes).toString("hex")}`;
const values = fc.record({
  count: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  owner: fc.array(byte, { minLength: 20, maxLength: 20 }).map(hex),
  amounts: fc.array(fc.bigInt({ min: -(1n << 127n), max: (1n << 127n) - 1n }), { maxLength: 4 }),
  note: fc.array(byte, { maxLength: 70 }).map(hex),
  flags: fc.tuple(fc.boolean(), fc.boolean()),
  key: fc.array(byte, { minLength: 4, maxLength: 4 }).map(hex),
});
type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

const coded = ({ count, owner, amounts, note, flags, key }: Values): Uint8Array =>
  fromHex(`0x11223344${encodeAbiParameters(inputs, [count, { owner, amounts, note }, flags, key]).slice(2)}`);

test("LAB-31: places hold the values that were coded, in their order, and nothing but them", () => {
  fc.assert(
    fc.property(values, (given) => {
      const data = coded(given);
      const read = placesOf(inputs, data).map((place) => readPlace(data, place));
      const words = (given.note.slice(2).match(/.{1,64}/g) ?? []).map((part) => BigInt(`0x${part}`));
      expect(read).toEqual([
        given.count,
        BigInt(given.owner),
        ...given.amounts,
        ...words,
        ...given.flags.map(BigInt),
        BigInt(given.key),
      ]);
    }),
  );
});

test("LAB-31: what is written at all places is what a coder would have coded", () => {
  fc.assert(
    fc.property(values, values, (from, to) => {
      // Lengths stand in no place: both have the same.
      const amounts = from.amounts.map((_, i) => to.amounts[i] ?? BigInt(i));
      const note = `${to.note}${from.note.slice(2)}`.slice(0, from.note.length) as `0x${string}`;
      const wanted = coded({ ...to, amounts, note });
      const data = coded(from);
      for (const place of placesOf(inputs, data)) writePlace(data, place, readPlace(wanted, place));
      expect(data).toEqual(wanted);
    }),
  );
});

test("LAB-31: a value wider than its place is cut to it", () => {
  const data = coded({
    count: 0n,
    owner: `0x${"00".repeat(20)}`,
    amounts: [0n],
    note: "0x",
    flags: [false, false],
    key: "0x00000000",
  });
  const [count, , amount] = placesOf(inputs, data);
  writePlace(data, count!, (5n << 64n) + 7n);
  writePlace(data, amount!, (1n << 127n) + 1n);
  expect(readPlace(data, count!)).toBe(7n);
  expect(readPlace(data, amount!)).toBe(-(1n << 127n) + 1n);
});
