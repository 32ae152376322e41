import fc from "fast-check";
import { expect, test } from "vitest";
import { type Engine, openEngine } from "./openEngine.ts";

const sender = "0x00000000000000000000000000000000000000aa";
const place = "0x00000000000000000000000000000000000000c0";
const block = {
  number: 1n,
  timestamp: 1n,
  gasLimit: 1n << 40n,
  baseFeePerGas: 0n,
  coinbase: "0x00000000000000000000000000000000000000cb",
  prevRandao: 0n,
  excessBlobGas: 0n,
} as const;
const most = 1_024;
const [jumpdest, push0, pop] = [0x5b, 0x5f, 0x50];
const gas = 1_000_000n;

/** A block that leaves `before` words, and one that takes `pops` of what is there, leaves `pushes`, and ends. */
function codeOf(before: number, pops: number, pushes: number): Uint8Array {
  const times = (op: number, count: number) => Array<number>(count).fill(op);
  return Uint8Array.from([...times(push0, before), jumpdest, ...times(pop, pops), ...times(push0, pushes)]);
}

/** What the EVM says of it, one operation after the other. */
function outcomeOf(before: number, pops: number, pushes: number): string {
  if (before > most) return "stack overflow";
  if (pops > before) return "stack underflow";
  if (before - pops + pushes > most) return "stack overflow";
  return `gas ${before * 2 + 1 + (pops + pushes) * 2}`;
}

function run(engine: Engine): string {
  const { error, gasUsed } = engine.call({ from: sender, to: place, gas });
  if (error !== undefined) expect(gasUsed).toBe(gas);
  return error ?? `gas ${gasUsed}`;
}

const near = (...middles: number[]) =>
  fc.tuple(fc.constantFrom(...middles), fc.integer({ min: -2, max: 2 })).map(([a, b]) => Math.max(0, a + b));

test("EVM-01: a block begins where the stack has what it takes and room for what it leaves, the first time and later, whatever is recorded", async () => {
  const counts = fc.tuple(near(0, 512, most), near(0, 512, most), near(0, 512, most, 2 * most));
  await fc.assert(
    fc.asyncProperty(counts, fc.boolean(), fc.boolean(), async ([before, pops, pushes], edges, comparisons) => {
      const accounts = new Map([[place, { balance: 0n, nonce: 1n, code: codeOf(before, pops, pushes) }]] as const);
      const engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts, hooks: { edges, comparisons } });
      const expected = outcomeOf(before, pops, pushes);
      for (const time of ["first", "second"]) expect(run(engine), time).toBe(expected);
      const ran = engine.coverage()[0]!.isCovered;
      // A block that fails at its begin has been reached; the one behind an overflow has not. Without words before it there is one.
      expect(ran).toEqual(before === 0 ? [true] : [true, before <= most]);
    }),
    { numRuns: 150 },
  );
});
