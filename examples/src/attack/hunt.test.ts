import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openChance } from "@testudo/lab/adversary/Chance";
import { mazeOf } from "@testudo/lab/adversary/maze.testkit";
import { compileSol } from "testudo/attack/compileSol";
import type { HuntReport } from "testudo/attack/HuntReport";
import { openSearchFolder } from "testudo/attack/openSearchFolder";
import { tellUnbreakable } from "testudo/attack/tellUnbreakable";
import { huntAll } from "testudo/jobs/search/huntAll";
import { afterAll, expect, test } from "vitest";

const file = compileSol(fileURLToPath(new URL("./Hunted.testkit.sol", import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "hunt-"));
afterAll(() => rmSync(folder, { recursive: true }));

function hunt(contract: string, calls: number, rest: { seed?: number; workers?: number } = {}): Promise<HuntReport> {
  return huntAll({ file, contract, seed: 1, workers: 1, calls, ...rest }, new AbortController().signal, () => {});
}
const names = ({ violations }: HuntReport): string[] => violations.map(({ name }) => name).sort();

test("LAB-31: states that come nearer to a comparison are climbed, and time passes", async () => {
  const report = await hunt("Counter", 60_000);
  expect(names(report)).toEqual(["Hunted.testkit.sol:20 assert(count != 15)", "Hunted.testkit.sol:28 assert(false)"]);
  const late = report.violations.find(({ name }) => name.includes(":28"))!;
  expect(late.calls.map((call) => call.function)).toEqual(["lock()", "open()"]);
  expect(late.calls[1]!.seconds).toBeGreaterThan(3 * 86_400);
});

test("LAB-31: invariants of a harness lead the search through the contracts that its setUp makes", async () => {
  const report = await hunt("CounterHarness", 60_000);
  const broken = report.violations.find(({ name }) => name === "invariant_staysSmall");
  // set(9), and increase() eleven times, or twenty of them.
  expect(broken?.calls.length).toBeLessThanOrEqual(20);
  expect(names(report)).not.toContain("invariant_staysWithinItsType");
});

test("LAB-31: echidna's properties are checked after what changes state, and break at the fewest calls", async () => {
  const report = await hunt("Purse", 60_000);
  expect(names(report)).toEqual(["echidna_is_locked", "echidna_owner_is_not_richer"]);
  const unlocked = report.violations.find(({ name }) => name === "echidna_is_locked")!;
  expect(unlocked.calls.map(({ args }) => args)).toEqual([[String(0xdeadbeefcafe1234n)]]);
});

test("LAB-31: events that stand for failed assertions are told, also of a call that reverts", async () => {
  expect(names(await hunt("Events", 60_000))).toEqual(['AssertionFailed("a, b")', "AssertionFailed(int8)"]);
});

test("LAB-31: an assertion that is caught has failed", async () => {
  expect(names(await hunt("Catcher", 30_000))).toEqual(["Hunted.testkit.sol:100 assert(depth < 100)"]);
});

test("LAB-31: values within arrays, structs and bytes are solved", async () => {
  const report = await hunt("Nested", 400_000);
  expect(names(report)).toEqual(['Hunted.testkit.sol:126 assert(order.note[0] != "Q")']);
});

test("LAB-31: libraries are linked, and a plain contract's functions are called whatever their names", async () => {
  const { violations } = await hunt("Linked", 60_000);
  expect(violations.map(({ calls }) => calls.map((call) => call.function))).toEqual([
    ["testDeposit(uint64)", "targetPrice(uint64)"],
  ]);
});

test("LAB-34: a hunt that was stopped keeps what it found and what runs, and goes on the same from the same point", async () => {
  const run = (state: string, calls: number) => {
    const order = { contract: "Counter", seed: 7, workers: 2 };
    const memories = openSearchFolder(join(folder, state), { what: { file, contract: "Counter" }, ...order });
    const hunted = huntAll({ file, calls, ...order, memories }, new AbortController().signal, () => {});
    return hunted.finally(() => memories.close());
  };
  const told = ({ calls, coverage, violations }: HuntReport) => ({
    calls,
    coverage,
    violations: violations.map(({ seconds: _, ...rest }) => rest),
  });
  const half = await run("a", 16_000);
  expect(told(await run("b", 16_000))).toEqual(told(half));
  const [whole, again] = [await run("a", 60_000), await run("b", 60_000)];
  expect(told(again)).toEqual(told(whole));
  expect(whole.calls).toBeGreaterThanOrEqual(60_000);
  expect(whole.calls).toBeLessThan(64_000);
  expect(whole.coverage).toBeGreaterThanOrEqual(half.coverage);
  expect(told(whole).violations).toEqual(expect.arrayContaining(told(half).violations));
  expect(names(whole)).toEqual(names(await hunt("Counter", 60_000)));
});

test("LAB-31: a sound contract has nothing found against it", async () => {
  const report = await hunt("Sound", 20_000);
  expect(report.violations).toEqual([]);
  expect(report.calls).toBeGreaterThanOrEqual(20_000);
  expect(report.coverage).toBeGreaterThan(5);
});

test("LAB-34: the same seed, calls and workers find the same", async () => {
  const told = async (seed: number) => {
    const { calls, coverage, violations } = await hunt("Counter", 20_000, { seed, workers: 2 });
    return { calls, coverage, violations: violations.map(({ seconds: _, ...rest }) => rest) };
  };
  const first = await told(7);
  expect(await told(7)).toEqual(first);
  expect(first.violations.length).toBeGreaterThan(0);
});

test("LAB-34: it makes as many calls as it may, and beyond them only shrinks what it found", async () => {
  for (const [most, workers] of [
    [1, 1],
    [10, 2],
    [500, 1],
    [2_000, 2],
  ] as const) {
    const { calls } = await hunt("Sound", most, { workers });
    expect(calls).toBeGreaterThanOrEqual(most);
    expect(calls, `${most} calls, ${workers} workers`).toBeLessThan(most + 100);
  }
  const found = await hunt("Counter", 500);
  expect(found.violations.length).toBeGreaterThan(0);
  expect(found.calls).toBeLessThan(2_000);
});

test("LAB-34: a search that is stopped tells what it found by then", async () => {
  const stop = new AbortController();
  const report = await huntAll(
    { file, contract: "Counter", seed: 1, workers: 1, seconds: 120 },
    stop.signal,
    ({ violations }) => {
      if (violations > 0) stop.abort();
    },
  );
  expect(report.violations.length).toBeGreaterThan(0);
});

test("LAB-35: of a maze's assertions most that can fail are found within 150,000 calls", async () => {
  const path = join(folder, "Maze.sol");
  writeFileSync(path, mazeOf(openChance(0)));
  const order = { file: compileSol(path), contract: "Maze", seed: 1, workers: 1, calls: 150_000 };
  const { violations } = await huntAll(order, new AbortController().signal, () => {});
  // An SMT solver says that 32 can fail.
  expect(violations.length).toBeGreaterThanOrEqual(15);
  expect(violations.every(({ name }) => /^AssertionFailed\("\d,\d"\)$/.test(name))).toBe(true);
});

test.each([
  ["Missing", 'has no such contract, but "'],
  ["Takes", "its constructor takes an argument"],
  ["Unfinished", "it is abstract"],
  ["FailsAtOnce", "its constructor fails: execution reverted"],
  ["Endless", "its constructor fails: out of gas"],
])("error: %s cannot be deployed, and the reason is told", async (contract, reason) => {
  await expect(hunt(contract, 1)).rejects.toThrow(reason);
});

test("error: what has neither a function nor a property is not hunted", async () => {
  await expect(hunt("Inert", 1)).rejects.toThrow(/"Inert" has nothing to hunt[\s\S]*Needed: a function/);
});

test("LAB-35: a contract with nothing to break is told of, so that its finding nothing does not look safe", () => {
  const compiled = (body: string) => {
    const path = join(folder, "Told.sol");
    writeFileSync(
      path,
      `pragma solidity ^0.8.0; contract Told { uint x; function set(uint y) public { x = y; } ${body} }`,
    );
    return tellUnbreakable(compileSol(path), "Told");
  };
  expect(compiled("")).toMatch(/^Told has nothing to break/);
  // A property that is named in another way is none.
  expect(compiled("function echidnaSmall() public view returns (bool) { return x < 9; }")).toBeDefined();
  expect(compiled("function echidna_small() public view returns (uint) { return x; }")).toBeDefined();
  expect(compiled("function echidna_small() public view returns (bool) { return x < 9; }")).toBeUndefined();
  expect(compiled("function invariant_small() public view { require(x < 9); }")).toBeUndefined();
  expect(compiled("function look() public view { assert(x < 9); }")).toBeUndefined();
  expect(compiled("event AssertionFailed(uint); function look() public { emit AssertionFailed(x); }")).toBeUndefined();
});

test("error: what does not compile is told in the compiler's words", () => {
  const path = join(folder, "Broken.sol");
  writeFileSync(path, "contract Broken { uint x = ; }");
  expect(() => compileSol(path)).toThrow(/does not compile[\s\S]*ParserError[\s\S]*Correct the file\.$/);
  writeFileSync(path, 'import "./Absent.sol"; contract Broken {}');
  expect(() => compileSol(path)).toThrow(/Absent\.sol[\s\S]*Put what it imports where it is looked for\.$/);
  writeFileSync(path, "pragma solidity 0.7.6; contract Broken {}");
  expect(() => compileSol(path)).toThrow(/Widen its pragma\.$/);
  expect(() => compileSol(join(folder, "none.sol"))).toThrow("cannot be read");
  const secret = join(folder, "secret.txt");
  writeFileSync(secret, "not to be told");
  writeFileSync(path, `import "${secret}"; contract Broken {}`);
  expect(() => compileSol(path)).toThrow(/^(?![\s\S]*not to be told)[\s\S]*Only files that end in \.sol/);
  symlinkSync(secret, join(folder, "Secret.sol"));
  writeFileSync(path, `import "${join(folder, "Secret.sol")}"; contract Broken {}`);
  expect(() => compileSol(path)).toThrow(/^(?![\s\S]*not to be told)[\s\S]*Only files that end in \.sol/);
});
