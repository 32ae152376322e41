import { describe, expect, test } from "vitest";
import { addr, type CaseBlock, frame, holdings, runDetector, transferLog } from "../../model/detectorCase.testkit.ts";
import { toWord } from "../../model/Hex.ts";
import {
  blockOf,
  contract,
  deploy,
  eth,
  junk,
  lastOf,
  loan,
  looks,
  take,
  thief,
  usd,
  use,
  vault,
} from "./drainCase.testkit.ts";

const flagsOf = (blocks: readonly CaseBlock[]) => lastOf(blocks)[0]?.evidence.flags;

describe("Z8 across transactions", () => {
  const push = frame({ from: contract, to: usd, input: `0xa9059cbb${toWord(vault)}${toWord(5n)}` });
  const donate = (from: typeof thief): CaseBlock =>
    blockOf(
      [
        {
          from,
          to: contract,
          logs: [transferLog(usd, contract, vault, 5n)],
          trace: frame({ from, to: contract, calls: [push] }),
        },
      ],
      [[vault, usd, 95n, 100n]],
    );
  const drained = blockOf([take(60n)], [[vault, usd, 100n, 40n]]);

  test("a drain by who donated before carries it, a drain by another does not", () => {
    expect(flagsOf([donate(thief), drained])).toEqual(["Z1", "Z2", "Z8"]);
    expect(flagsOf([donate(addr(0xf1)), drained])).toEqual(["Z1", "Z2"]);
    expect(flagsOf([drained])).toEqual(["Z1", "Z2"]);
  });

  test("a plain user's transfer is no donation", () => {
    const plain = blockOf(
      [{ from: thief, to: usd, logs: [transferLog(usd, thief, vault, 5n)], trace: { ...push, from: thief } }],
      [[vault, usd, 95n, 100n]],
    );
    expect(flagsOf([plain, drained])).toEqual(["Z1", "Z2"]);
  });
});

test("an exchange that was told of does not become the usual rate", () => {
  const trade = (out: bigint, paid: bigint): CaseBlock => ({
    txs: [
      {
        from: thief,
        to: vault,
        logs: [transferLog(usd, vault, thief, out), transferLog(eth, thief, vault, paid)],
        trace: frame({ from: thief, to: vault, input: "0x11111111", calls: [looks(eth)] }),
      },
    ],
    state: holdings([
      [vault, usd, 1000n, 1000n - out],
      [vault, eth, 10n ** 9n, 10n ** 9n + paid],
    ]),
  });
  const dear = Array.from({ length: 10 }, () => trade(500n, 1n));
  expect(runDetector(use, [vault], dear).map((found) => found.length)).toEqual(Array(10).fill(1));
  const calm = Array.from({ length: 10 }, () => trade(10n, 1n));
  expect(runDetector(use, [vault], calm).flat()).toEqual([]);
});

test("exchanges of dust make no usual rate", () => {
  const lots = 10n ** 24n;
  const trade = (out: bigint, paid: bigint): CaseBlock => ({
    txs: [take(out, { logs: [...loan, transferLog(eth, contract, vault, paid)], looksAt: [eth] })],
    state: holdings([
      [vault, usd, lots, lots - out],
      [vault, eth, lots, lots + paid],
    ]),
  });
  const dust = Array.from({ length: 8 }, () => trade(10n ** 6n, 1n));
  const drained = trade((lots * 9n) / 10n, (lots * 9n) / 10n ** 7n);
  expect(lastOf([deploy(), ...dust, drained])).toMatchObject([{ severity: "critical" }]);
});

describe("what came in new", () => {
  const day = 7200;
  const drop: CaseBlock = {
    ...blockOf([{ from: thief, to: junk, logs: [transferLog(junk, thief, vault, 1000n)] }], [[vault, junk, 0n, 1000n]]),
    number: 100,
  };
  const payOut: CaseBlock = {
    ...blockOf(
      [
        {
          from: addr(0xf2),
          to: vault,
          logs: [transferLog(junk, vault, addr(0xf2), 10n)],
          trace: frame({ from: addr(0xf2), to: vault }),
        },
      ],
      [[vault, junk, 1000n, 990n]],
    ),
    number: 200,
  };
  const paid = (number: number): CaseBlock => {
    const tx = take(600n, { logs: [transferLog(junk, contract, vault, 990n)], looksAt: [junk] });
    return {
      ...blockOf(
        [tx],
        [
          [vault, usd, 1000n, 400n],
          [vault, junk, 990n, 1980n],
        ],
      ),
      number,
    };
  };
  const young = (number: number) => ({ ...deploy(), number });

  test("is payment only a day later and once the holder itself has paid with it", () => {
    const shareIn = (blocks: readonly CaseBlock[]) => [
      lastOf(blocks)[0]?.severity,
      lastOf(blocks)[0]?.evidence.shareIn,
    ];
    expect(shareIn([drop, payOut, young(day + 199), paid(day + 200)])).toEqual(["high", 1]);
    expect(shareIn([drop, young(day + 199), paid(day + 200)])).toEqual(["critical", 0]);
    expect(shareIn([drop, payOut, young(300), paid(301)])).toEqual(["critical", 0]);
  });
});

test("tokens that a stranger makes for it by the thousand do not end what is custom, nor grow what is remembered", () => {
  const trade = (out: bigint, paid: bigint): CaseBlock => ({
    txs: [
      {
        from: thief,
        to: vault,
        logs: [transferLog(usd, vault, thief, out), transferLog(eth, thief, vault, paid)],
        trace: frame({ from: thief, to: vault, input: "0x11111111", calls: [looks(eth)] }),
      },
    ],
    state: holdings([
      [vault, usd, 1_000n, 1_000n - out],
      [vault, eth, 1_000n, 1_000n + paid],
    ]),
  });
  const junkIn = (block: number): CaseBlock => {
    const tokens = Array.from({ length: 500 }, (_, i) => addr(0x900_000 + block * 1_000 + i));
    return blockOf(
      [{ from: contract, to: contract, logs: tokens.map((token) => transferLog(token, contract, vault, 5n)) }],
      tokens.map((token) => [vault, token, 0n, 5n] as const),
    );
  };
  const cells = new Map();
  const trades = Array.from({ length: 12 }, () => trade(10n, 10n));
  runDetector(use, [vault], trades, cells);
  const before = cells.size;
  const flood = Array.from({ length: 20 }, (_, i) => ({ ...junkIn(i), number: 200 + i }));
  runDetector(use, [vault], flood, cells);
  expect(cells.size - before).toBeLessThan(4_000);
  // At the usual rate, however much of it.
  expect(runDetector(use, [vault], [{ ...trade(400n, 400n), number: 300 }], cells)).toEqual([[]]);
  expect(runDetector(use, [vault], [{ ...trade(400n, 40n), number: 301 }], cells)[0]).toHaveLength(1);
});
