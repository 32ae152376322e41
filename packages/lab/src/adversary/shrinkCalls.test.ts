import { parseAbi } from "viem/utils";
import { expect, test } from "vitest";
import { type Call, tellCall } from "./Call.ts";
import { callablesOf } from "./Callable.ts";
import { readPlace, writePlace } from "./Place.ts";
import { shrinkCalls } from "./shrinkCalls.ts";

const [callable] = callablesOf("Maze", `0x${"aa".repeat(20)}`, parseAbi(["function move(uint64 a, uint64 b)"]));
const first = `0x${"01".repeat(20)}` as const;
const other = `0x${"02".repeat(20)}` as const;

function call(a: bigint, b: bigint, rest: Partial<Call> = {}): Call {
  const { empty, places } = callable!.fixed!;
  const input = empty.slice();
  writePlace(input, places[0]!, a);
  writePlace(input, places[1]!, b);
  return { callable: callable!, from: other, value: 5n, seconds: 9, input, places, ...rest };
}
const valueAt = (of: Call, index: number): bigint => readPlace(of.input, of.places[index]!);
const args = (calls: readonly Call[]) => calls.map((each) => tellCall(each).args);

test("LAB-32: calls that are not needed go, and what is left is of one sender, at once, without value", () => {
  const calls = [call(1n, 1n), call(900n, 3n), call(2n, 2n), call(3n, 3n), call(7n, 70n)];
  // It breaks where some call has more than 100 first, and the last one more than 40 second.
  const breaks = (given: readonly Call[]): boolean =>
    given.some((each) => valueAt(each, 0) > 100n) && given.length > 0 && valueAt(given.at(-1)!, 1) > 40n;
  const shrunk = shrinkCalls(calls, first, breaks, 5_000);
  expect(args(shrunk)).toEqual([
    ["101", "0"],
    ["0", "41"],
  ]);
  expect(shrunk.map(({ from, value, seconds }) => [from, value, seconds])).toEqual([
    [first, 0n, 0],
    [first, 0n, 0],
  ]);
});

test("LAB-32: two calls that undo each other go together", () => {
  const calls = [call(1n, 0n), call(5n, 0n), call(2n, 0n), call(8n, 0n)];
  const sum = (given: readonly Call[]) =>
    given.reduce((total, each) => total + (valueAt(each, 0) === 1n ? 1 : valueAt(each, 0) === 2n ? -1 : 0), 0);
  const breaks = (given: readonly Call[]): boolean => sum(given) === 0 && given.some((each) => valueAt(each, 0) === 8n);
  expect(args(shrinkCalls(calls, first, breaks, 5_000))).toEqual([["8", "0"]]);
});

test("LAB-32: it tries no more than it may, and what it gives breaks", () => {
  let tries = 0;
  const breaks = (given: readonly Call[]): boolean => {
    tries++;
    return given.length > 3;
  };
  const shrunk = shrinkCalls(
    Array.from({ length: 40 }, (_, i) => call(BigInt(i), 1n)),
    first,
    breaks,
    25,
  );
  expect(tries).toBe(25);
  expect(breaks(shrunk)).toBe(true);
});
