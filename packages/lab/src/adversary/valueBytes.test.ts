import fc from "fast-check";
import { expect, test } from "vitest";
import { openChance } from "./Chance.ts";
import { type Place, readPlace, writePlace } from "./Place.ts";
import {
  addSmall,
  copyValue,
  divideSmall,
  flipBit,
  isNegative,
  multiplySmall,
  writeAddress,
  writeGreatest,
  writePower,
  writeRandom,
  writeSmall,
} from "./valueBytes.ts";

const width = fc.integer({ min: 1, max: 32 }).map((bytes) => 8 * bytes);
const kinds = fc.oneof(
  fc.record({ kind: fc.constantFrom("uint" as const, "int" as const, "bytes" as const), bits: width }),
  fc.constant({ kind: "address" as const, bits: 160 }),
  fc.constant({ kind: "bool" as const, bits: 1 }),
);
/** Two words of call data behind a selector, with whatever stands in them, and a place in the first or the second. */
const spot = fc.record({
  data: fc.uint8Array({ minLength: 100, maxLength: 100 }),
  place: fc.tuple(kinds, fc.constantFrom(4, 36)).map(([kind, at]): Place => ({ at, ...kind })),
});

/** What `change` leaves of the data is what a bigint written at the place leaves. */
function expectSame(data: Uint8Array, place: Place, change: (data: Uint8Array) => void, value: bigint): void {
  const [ours, wanted] = [data.slice(), data.slice()];
  change(ours);
  writePlace(wanted, place, value);
  expect(ours).toEqual(wanted);
}

test("LAB-31: a value that is changed in place is what arithmetic makes of it, and nothing beside it changes", () => {
  const small = fc.integer({ min: -(2 ** 30) + 1, max: 2 ** 30 - 1 });
  fc.assert(
    fc.property(spot, small, fc.integer({ min: 1, max: 65_535 }), fc.nat(), ({ data, place }, by, factor, any) => {
      const old = readPlace(data, place);
      const bit = any % place.bits;
      expectSame(data, place, (to) => addSmall(to, place, by), old + BigInt(by));
      expectSame(data, place, (to) => multiplySmall(to, place, factor), old * BigInt(factor));
      expectSame(data, place, (to) => flipBit(to, place, bit), old ^ (1n << BigInt(bit)));
      expect(isNegative(data, place)).toBe(old < 0n);
      if (old >= 0n) expectSame(data, place, (to) => divideSmall(to, place, factor), old / BigInt(factor));
    }),
  );
});

test("LAB-31: a value that is written in place is what a coder writes", () => {
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((it) => `0x${Buffer.from(it).toString("hex")}`);
  fc.assert(
    fc.property(spot, fc.nat(2 ** 31 - 1), fc.nat(), address, ({ data, place }, number, any, text) => {
      const greatest = BigInt.asUintN(place.bits, -1n);
      expectSame(data, place, (to) => writeSmall(to, place, number), BigInt(number));
      expectSame(data, place, (to) => writePower(to, place, any % place.bits), 1n << BigInt(any % place.bits));
      if (place.bits >= 8)
        expectSame(data, place, (to) => writeGreatest(to, place, any % 8), greatest >> BigInt(any % 8));
      if (place.bits === 160) expectSame(data, place, (to) => writeAddress(to, place, text), BigInt(text));
    }),
  );
});

test("LAB-31: a value of another place, or of the same, is copied as it is read there", () => {
  fc.assert(
    fc.property(spot, spot, ({ data, place }, { data: source, place: from }) => {
      expectSame(data, place, (to) => copyValue(to, place, source, from), readPlace(source, from));
      if (from.at !== place.at) expectSame(data, place, (to) => copyValue(to, place, to, from), readPlace(data, from));
      expectSame(data, place, (to) => copyValue(to, place, to, place), readPlace(data, place));
    }),
  );
});

test("LAB-31: random bytes are the random number of the same chance", () => {
  fc.assert(
    fc.property(spot, fc.integer(), ({ data, place }, seed) => {
      const number = openChance(seed).number(place.bits);
      expectSame(data, place, (to) => writeRandom(to, place, openChance(seed)), number);
    }),
  );
});
