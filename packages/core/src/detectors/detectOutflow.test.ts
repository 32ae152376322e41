import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  holdings,
  runDetector,
  topicOf,
  transferLog,
  word,
} from "../model/detectorCase.testkit.ts";
import { toWord } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { detectOutflow } from "./detectOutflow.ts";
import { calibrateOutflow, proposeOutflow } from "./outflow/calibrateOutflow.ts";

const [vault, user, usd, eth] = [addr(0x1001), addr(0xbad), addr(0x701), addr(0x702)];
const use = useDetector(detectOutflow);

/** The vault's balance of `usd` goes from one figure to the next, one block every `seconds`. */
const balances = (figures: readonly bigint[], seconds = 12): CaseBlock[] =>
  figures.slice(1).map((after, i) => {
    const before = figures[i]!;
    const log =
      after < before ? transferLog(usd, vault, user, before - after) : transferLog(usd, user, vault, after - before);
    return {
      timestamp: 1_700_000_000 + i * seconds,
      txs: [{ from: user, to: vault, logs: [log], trace: frame({ from: user, to: vault }) }],
      state: holdings([[vault, usd, before, after]]),
    };
  });
const run = (blocks: readonly CaseBlock[]) => runDetector(use, [vault], blocks).flat();

test("many small withdrawals within the hour add up", () => {
  const figures = [1000n, 950n, 900n, 850n, 800n, 750n, 700n, 650n, 640n];
  const found = run(balances(figures));
  expect(found[0]).toMatchObject({
    severity: "high",
    subject: vault,
    key: [usd, "3600"],
    evidence: { netOut: 350n, heldAtStart: 1000n, share: 0.35 },
  });
  expect(run(balances(figures.slice(0, 7)))).toEqual([]);
});

test("the same withdrawals over many hours are told by the day, and before that by what the hours add up to", () => {
  const slow = run(balances([1000n, 850n, 700n, 550n, 400n], 4_000));
  expect(slow.map((f) => f.key[1])).toEqual(["cusum", "86400"]);
});

test("money that came in before is netted", () => {
  expect(run(balances([100n, 1100n, 100n]))).toEqual([]);
});

test("an outflow that was paid for with other held assets is medium", () => {
  const block: CaseBlock = {
    timestamp: 1_700_000_000,
    txs: [
      {
        from: user,
        to: vault,
        logs: [transferLog(usd, vault, user, 50n), transferLog(eth, user, vault, 30n)],
        trace: frame({ from: user, to: vault }),
      },
    ],
    state: holdings([
      [vault, usd, 100n, 50n],
      [vault, eth, 50n, 80n],
    ]),
  };
  expect(run([block]).map((f) => f.severity)).toEqual(["medium", "medium"]);
  const junkPaid: CaseBlock = {
    ...block,
    state: holdings([
      [vault, usd, 100n, 50n],
      [vault, eth, 0n, 30n],
    ]),
  };
  expect(run([junkPaid]).map((f) => f.severity)).toEqual(["high", "high"]);
});

describe("what was paid with", () => {
  const trade = (paid: bigint, token: string, held: bigint): CaseBlock => ({
    timestamp: 1_700_000_000,
    txs: [
      {
        from: user,
        to: vault,
        logs: [
          transferLog(usd, vault, user, 900n),
          ...(token === "native" ? [] : [transferLog(eth, user, vault, paid)]),
        ],
        trace: frame({ from: user, to: vault, value: token === "native" ? paid : 0n }),
      },
    ],
    state: (r) =>
      r.kind === "call" && r.to === eth && r.data === "0x313ce567"
        ? word(18n)
        : holdings([
            [vault, usd, 1000n, 100n],
            [vault, token, held, held + paid],
          ])(r),
  });
  const worst = (block: CaseBlock) => run([block]).filter((f) => f.evidence.asset === usd)[0]?.severity;

  test("one unit for a holding of one unit is no payment for 90 % of another", () => {
    expect(worst(trade(1n, eth, 1n))).toBe("high");
    expect(worst(trade(1n, "native", 1n))).toBe("high");
  });

  test("less than a thousandth of a token, and less than a tenth of the native coin, is dust", () => {
    expect(worst(trade(10n ** 15n - 1n, eth, 10n ** 15n - 1n))).toBe("high");
    expect(worst(trade(10n ** 15n, eth, 10n ** 15n))).toBe("medium");
    expect(worst(trade(10n ** 17n - 1n, "native", 10n ** 17n - 1n))).toBe("high");
    expect(worst(trade(10n ** 17n, "native", 10n ** 17n))).toBe("medium");
  });
});

describe("NFTs", () => {
  const id = 7n;
  const single = (amount: bigint): CaseLog => ({
    address: usd,
    topics: [topic.transferSingle, topicOf(user), topicOf(vault), topicOf(user)],
    data: `0x${toWord(id)}${toWord(amount)}`,
  });

  test("an ERC-1155 id that leaves in parts of 15 % a block is told as a token is", () => {
    let held = 1_000_000n;
    const blocks = Array.from({ length: 10 }, (_, i): CaseBlock => {
      const [before, after] = [held, held - (held * 15n) / 100n];
      held = after;
      const asked = `0x00fdd58e${toWord(vault)}${toWord(id)}`;
      return {
        timestamp: 1_700_000_000 + 12 * i,
        txs: [{ from: user, to: vault, logs: [single(before - after)], trace: frame({ from: user, to: vault }) }],
        state: (r) => (r.kind === "call" && r.data === asked ? word(r.at === "parent" ? before : after) : undefined),
      };
    });
    const found = run(blocks);
    expect(found[0]).toMatchObject({ severity: "high", key: [`${usd}:${id}`, "3600"], evidence: { share: 0.385875 } });
  });

  test("an ERC-721 id is held to the full or not at all, so its leaving is no share over time", () => {
    const log: CaseLog = {
      address: usd,
      topics: [topic.transfer, topicOf(vault), topicOf(user), topicOf(id)],
      data: "0x",
    };
    const block: CaseBlock = {
      txs: [{ from: user, to: vault, logs: [log], trace: frame({ from: user, to: vault }) }],
      state: holdings([[vault, usd, 1n, 0n]]),
    };
    expect(run([block])).toEqual([]);
  });
});

test("events of a token that did not move count nothing, and without state nothing is said", () => {
  const forged: CaseBlock = {
    txs: [{ from: user, to: usd, logs: [transferLog(usd, vault, user, 90n)] }],
    state: holdings([[vault, usd, 100n, 100n]]),
  };
  expect(run([forged])).toEqual([]);
  expect(run([{ ...balances([100n, 0n])[0]!, has: ["L", "X"] }])).toEqual([]);
});

test("a thousand new tokens sent in do not fill the memory, and a loss of a later one is seen", () => {
  const small = useDetector(detectOutflow, { maxAssets: 3 });
  const spam = Array.from(
    { length: 10 },
    (_, i): CaseBlock => ({
      txs: [{ from: user, to: addr(0x800 + i), logs: [transferLog(addr(0x800 + i), user, vault, 1n)] }],
      state: holdings([[vault, addr(0x800 + i), 0n, 1n]]),
    }),
  );
  const cells = new Map();
  const found = runDetector(small, [vault], [...spam, ...balances([100n, 10n])], cells).flat();
  expect(cells.get(`outflow/assets:${vault}`)).toHaveLength(4);
  expect(found.some((f) => f.key[0] === usd)).toBe(true);
});

describe("tokens made for it, which leave by the thousand", () => {
  const junk = (n: number) => addr(0x10_0000 + n);
  /** In each block 1,500 others leave, a little of each; before them, or after, `more`. */
  const leaving = (blocks: number, more: (i: number) => CaseBlock) =>
    Array.from({ length: blocks }, (_, i): CaseBlock => {
      const own = more(i);
      const tokens = Array.from({ length: 1_500 }, (_token, k) => junk(1_500 * i + k));
      const logs = tokens.map((token) => transferLog(token, vault, user, 1n));
      const rows = holdings(tokens.map((token) => [vault, token, 1_000n, 999n]));
      return {
        ...{ timestamp: 1_700_000_000 + 12 * i, txs: [...(own.txs ?? []), { from: user, to: user, logs }] },
        state: (read) => own.state?.(read) ?? rows(read),
      };
    });
  const nothing = (): CaseBlock => ({ txs: [], state: () => undefined });

  test("are followed by the thousand, and nothing is kept of those that are not any more", () => {
    const cells = new Map();
    const asked: number[] = [];
    for (const blocks of [2, 6]) {
      cells.clear();
      runDetector(use, [vault], leaving(blocks, nothing), cells);
      asked.push(cells.size);
    }
    expect(cells.get(`outflow/assets:${vault}`)).toHaveLength(256 + 1_024);
    expect(asked[1]).toBe(asked[0]);
  });

  test("keep none of what was there before from being followed, nor one of themselves from being told", () => {
    const known = balances([1_000n, 1_001n, 1_002n], 12);
    const all = balances([1_002n, 860n, 720n, 580n], 12);
    const after = leaving(3, (i) => all[i]!);
    const found = runDetector(use, [vault], [...known, ...after]).flat();
    expect(found.map((f) => [f.key, f.severity])).toEqual([[[usd, "3600"], "high"]]);
    const [whole] = leaving(1, () => balances([1_000n, 500n])[0]!);
    const first = runDetector(use, [vault], [...leaving(2, nothing), whole!]).flat();
    expect(first.map((f) => f.key)).toEqual([
      [usd, "3600"],
      [usd, "86400"],
    ]);
  });

  test("a loss of which thousands are told at once is told of each", () => {
    const tokens = Array.from({ length: 1_500 }, (_, k) => junk(k));
    const logs = tokens.map((token) => transferLog(token, vault, user, 900n));
    const state = holdings(tokens.map((token) => [vault, token, 1_000n, 100n]));
    const found = run([{ timestamp: 1_700_000_000, txs: [{ from: user, to: user, logs }], state }]);
    expect(new Set(found.map(({ key: [asset] }) => asset)).size).toBe(1_500);
    expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set(["high"]));
  });
});

test("tells exactly when the net outflow within the hour reaches 35 % of the start", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 }), (steps) => {
      const figures = [1000n];
      for (const s of steps) figures.push(figures.at(-1)! - (figures.at(-1)! > BigInt(s) ? BigInt(s) : 0n));
      const moved = figures.filter((f, i) => i === 0 || f !== figures[i - 1]);
      fc.pre(moved.length > 1);
      const lost = 1000n - moved.at(-1)!;
      expect(run(balances(moved)).some((f) => f.key[1] === "3600")).toBe(lost * 100n >= 35_000n);
    }),
    { numRuns: 100 },
  );
});

describe("the rate", () => {
  test("a quarter within 10 s is medium where no longer window is reached, and high at a calibrated limit", () => {
    const found = run(balances([1000n, 749n]));
    expect(found).toMatchObject([
      { severity: "medium", key: [usd, "10"], evidence: { share: 0.251, rateBpsPerSecond: 251, uncalibrated: true } },
    ]);
    expect(run(balances([1000n, 751n]))).toEqual([]);
    const own = useDetector(detectOutflow, { limits: [{ asset: usd, seconds: 10, theta: 0.05 }] });
    expect(runDetector(own, [vault], balances([1000n, 940n])).flat()).toMatchObject([
      { severity: "high", evidence: { theta: 0.05, uncalibrated: false } },
    ]);
  });

  test("is net of what came in within the hour", () => {
    expect(run(balances([1000n, 1400n, 1000n]))).toEqual([]);
  });
});

describe("what leaks below all windows", () => {
  // 1.8 % an hour of what is left: below 35 % an hour and 50 % a day.
  const leak = (hours: number, part: bigint) => {
    const figures = [1_000_000n];
    for (let i = 0; i < hours; i++) figures.push(figures.at(-1)! - (figures.at(-1)! * part) / 1000n);
    return balances(figures, 3_600);
  };

  test("adds up over the hours, and is told as medium", () => {
    const found = run(leak(120, 18n));
    expect(found[0]).toMatchObject({ severity: "medium", key: [usd, "cusum"], evidence: { limit: 0.4, slack: 0.01 } });
    expect(new Set(found.map((f) => f.key[1]))).toEqual(new Set(["cusum"]));
  });

  test("CAT-01 look-alike: 1 % an hour, the habit of a vault that closes slowly, does not", () => {
    expect(run(leak(300, 10n))).toEqual([]);
  });

  test("CAT-03: the sum follows from the evidence", () => {
    const [found] = run(leak(120, 18n));
    const { level, sumBefore, meanPerHour, slack, netThisHour, heldAtHour } = found!.evidence as unknown as Record<
      string,
      number
    >;
    const x = -Number(netThisHour) / Number(heldAtHour);
    expect(Math.abs(sumBefore! + x - meanPerHour! - slack! - level!)).toBeLessThan(2e-6);
  });

  test("fills a bucket as a FlowLimiter's, which leaks empty in its time", () => {
    const bucket = useDetector(detectOutflow, { bucket: { share: 0.2, seconds: 86_400 }, cusum: null });
    const steps = [1000n, 950n, 900n, 850n, 800n];
    expect(runDetector(bucket, [vault], balances(steps)).flat()).toMatchObject([
      { severity: "medium", key: [usd, "bucket"], evidence: { level: 200n, cap: 170n } },
    ]);
    // 5 % each six hours is what leaks.
    expect(runDetector(bucket, [vault], balances(steps, 21_600)).flat()).toEqual([]);
  });
});

describe("CAT-04: honest outflows", () => {
  const other = addr(0x1002);
  const move = (to: typeof other, at = 1_700_000_000): CaseBlock => ({
    timestamp: at,
    txs: [
      { from: user, to: vault, logs: [transferLog(usd, vault, to, 900n)], trace: frame({ from: user, to: vault }) },
    ],
    state: holdings([
      [vault, usd, 1000n, 100n],
      [other, usd, 0n, 900n],
    ]),
  });
  const severities = (blocks: readonly CaseBlock[], params = {}, watched = [vault, other]) =>
    runDetector(useDetector(detectOutflow, params), watched, blocks)
      .flat()
      .map((f) => f.severity);

  test("a rebalance into another protected vault is medium, never silent", () => {
    expect(severities([move(other)])).toEqual(["medium", "medium"]);
    expect(severities([move(other)], {}, [vault])).toEqual(["high", "high"]);
    expect(severities([move(user)])).toEqual(["high", "high"]);
  });

  test("a migration that was announced is medium, to the announced address alone", () => {
    const entry = { address: vault, fromSeconds: 1_700_000_000, untilSeconds: 1_700_003_600, values: [addr(0xaaa)] };
    expect(severities([move(addr(0xaaa))], { announced: [entry] })).toEqual(["medium", "medium"]);
    expect(severities([move(user)], { announced: [entry] })).toEqual(["high", "high"]);
    expect(severities([move(user)], { announced: [{ ...entry, values: [] }] })).toEqual(["medium", "medium"]);
    expect(severities([move(addr(0xaaa), 1_700_003_601)], { announced: [entry] })).toEqual(["high", "high"]);
  });

  test("a stablecoin vault that turns over its holdings each hour, and a token that rebases by 2 % a day, raise nothing", () => {
    const churn = Array.from({ length: 48 }, (_, i) => (i % 2 === 0 ? 1_000n : 800n));
    expect(run(balances(churn, 1_800))).toEqual([]);
    let held = 1_000_000n;
    const rebase = Array.from({ length: 60 }, () => {
      held -= held / 50n;
      return held;
    });
    expect(run(balances(rebase, 86_400))).toEqual([]);
  });
});

test("CAL-04: a round trip of a stranger, who deposits a multiple and withdraws it, has no limit proposed that never fires", () => {
  const seen = (shares: readonly number[]) =>
    new Map([[`${vault}|${usd}|3600`, shares.map((value, i) => ({ value, block: BigInt(i), timestamp: BigInt(i) }))]]);
  const quiet = Array.from({ length: 30 }, () => 0.005);
  const settings = detectOutflow.defaults;
  const own = settings.windows.find(({ seconds }) => seconds === 3_600)!.theta;
  const { settings: usual } = proposeOutflow(seen(quiet) as never, settings);
  expect(usual.limits).toEqual([{ holder: vault, asset: usd, seconds: 3_600, theta: 0.006 }]);
  const { settings: bent, evidence } = proposeOutflow(seen([...quiet, 0.857]) as never, settings);
  expect(bent.limits).toEqual([]);
  expect(evidence).toMatchObject([{ before: own, after: own, rule: expect.stringContaining("no limit") }]);
});

test("limits are calibrated to 1.2 times the peak of each asset and window, rounded up to a basis point", () => {
  const peaks = [
    { asset: usd, seconds: 3_600, share: 0.05 },
    { asset: usd, seconds: 3_600, share: 0.1 },
    { asset: eth, seconds: 3_600, share: 0.9 },
    { asset: eth, seconds: 86_400, share: 0.00001 },
    { asset: eth, seconds: 10, share: 0 },
  ];
  expect(calibrateOutflow(peaks)).toEqual([
    { asset: usd, seconds: 3_600, theta: 0.12 },
    { asset: eth, seconds: 3_600, theta: 1 },
    { asset: eth, seconds: 86_400, theta: 0.0001 },
  ]);
});
