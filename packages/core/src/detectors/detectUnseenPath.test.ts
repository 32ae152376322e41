import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseTx,
  frame,
  runDetector,
  topicOf,
  transferLog,
} from "../model/detectorCase.testkit.ts";
import type { FalseAlarm } from "../model/FalseAlarm.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { eventTopic } from "../model/signatureHash.ts";
import { detectUnseenPath } from "./detectUnseenPath.ts";
import { proposeConfirmed } from "./unseenPath/proposeConfirmed.ts";

const [pool, user, thief, usd] = [1, 2, 3, 4].map((n) => addr(0x1000 + n)) as Address[];
const terms = { learnSeconds: 100, learnTxs: 3, relearnSeconds: 100, relearnTxs: 2 };
const use = useDetector(detectUnseenPath, terms);
const [deposit, borrow, exit] = ["0x11111111", "0x22222222", "0x33333333"] as Hex[];

/** `from` calls functions of the pool in a row; `out` of `usd` leaves it. */
const calls = (from: Address, inputs: readonly Hex[], out = 0n): CaseTx => ({
  from,
  to: from,
  logs: out > 0n ? [transferLog(usd!, pool!, from, out)] : [],
  trace: frame({ from, to: from, calls: inputs.map((input) => frame({ from, to: pool!, input })) }),
});
const blocks = (...txs: CaseTx[]): CaseBlock[] => txs.map((tx, i) => ({ txs: [tx], timestamp: 1_000 + 100 * i }));
const honest = [
  calls(user!, [deposit!]),
  calls(user!, [borrow!]),
  calls(user!, [deposit!, borrow!]),
  calls(user!, [deposit!]),
];
const run = (txs: readonly CaseTx[], u = use, cells = new Map()) =>
  runDetector(u, [pool!], blocks(...txs), cells).map((f) => f.map((x) => `${x.severity} ${x.evidence.kind}`));

describe("CAT-01: a way out that was never used is high where the pool loses by it (Euler 2023-03, Platypus 2023-02, Hegic 2025-02)", () => {
  test("by a function that nobody called", () => {
    expect(run([...honest, calls(thief!, [exit!], 100n)]).at(-1)).toEqual(["high entry"]);
  });

  test("by known functions in an order that nobody called them in", () => {
    expect(run([...honest, calls(thief!, [borrow!, deposit!, borrow!], 100n)]).at(-1)).toEqual(["high sequence"]);
  });
});

test("CAT-01 look-alike: what others do, by anybody, in any amount and any number of times, raises nothing", () => {
  const others = [
    calls(thief!, [deposit!], 5n),
    calls(thief!, [borrow!, borrow!, borrow!]),
    calls(addr(0x77), [deposit!, borrow!], 9n),
  ];
  expect(run([...honest, ...others]).flat()).toEqual([]);
});

test("CAT-01 evasion: a path that was walked in the learning time is known", () => {
  const early = [calls(thief!, [exit!]), honest[0]!, honest[1]!, honest[0]!];
  expect(run([...early, calls(thief!, [exit!], 100n)]).flat()).toEqual([]);
});

test("a new path that takes nothing is medium, and is told once a day", () => {
  const strange = calls(thief!, [exit!]);
  expect(run([...honest, strange, strange]).slice(4)).toEqual([["medium entry"], []]);
  const days = [
    ...blocks(...honest),
    { txs: [strange], timestamp: 10_000 },
    { txs: [strange], timestamp: 10_000 + 86_400 },
  ];
  expect(
    runDetector(use, [pool!], days)
      .slice(4)
      .map((f) => f.length),
  ).toEqual([1, 1]);
});

describe("CAT-04: an own upgrade", () => {
  const upgrade: CaseTx = {
    from: user!,
    to: pool!,
    logs: [{ address: pool!, topics: [eventTopic("Upgraded(address)"), topicOf(1n)], data: "0x" }],
  };

  test("opens the set again for a while, and what is new is low", () => {
    const after = [calls(user!, [exit!]), calls(user!, [exit!]), calls(user!, [deposit!]), calls(user!, [exit!])];
    expect(run([...honest, upgrade, ...after]).slice(5)).toEqual([["low entry"], [], [], []]);
  });

  test("does not teach a path by which the pool only loses", () => {
    const out = calls(thief!, [exit!], 100n);
    const cells = new Map();
    expect(run([...honest, upgrade, out], use, cells).at(-1)).toEqual(["medium entry"]);
    expect(cells.get(`unseen-path/paths:${pool}`)).toBe(3);
  });

  test("of another contract changes nothing", () => {
    const other = { ...upgrade, to: usd!, logs: [{ ...upgrade.logs![0]!, address: usd! }] };
    expect(run([...honest, other, calls(user!, [exit!])]).at(-1)).toEqual(["medium entry"]);
  });
});

describe("FIND-08: what is learned afterwards", () => {
  const strange = calls(thief!, [exit!]);
  const [found] = runDetector(use, [pool!], blocks(...honest, strange)).flat();
  const finding = { ...found!, id: "0x01", detector: "unseen-path" } as unknown as Finding;
  const alarmOf = (of: Finding): FalseAlarm => ({
    finding: of,
    resolution: "benign",
    actor: "ana",
    note: "a new front end",
    review: { kind: "Review", id: "0x02", from: [], finding: of.id, verdict: "accepted", actor: "bo", note: "ours" },
  });
  const other = (change: Partial<Finding>): Finding => ({ ...finding, id: "0x03", ...change });
  const hash = `${found!.evidence.hash}`;

  test("is what a person has put into `confirmed`", () => {
    const confirmed = useDetector(detectUnseenPath, { ...terms, confirmed: [`${found!.evidence.hash}`] });
    expect(run([...honest, strange], confirmed).at(-1)).toEqual([]);
  });

  test("is proposed where another person accepted that it was harmless, and applied only by who sets it", () => {
    const { settings, evidence, refused } = use.learn!({ alarms: [alarmOf(finding)], findings: [{ finding }] });
    expect(settings).toEqual({ confirmed: [hash] });
    expect(evidence).toEqual([
      { setting: "confirmed paths", before: 0, after: 1, rule: "reviewed false alarms, to be confirmed,", samples: 1 },
    ]);
    expect(refused).toEqual(new Map());
    expect(run([...honest, strange]).at(-1)).toEqual(["medium entry"]);
    expect(run([...honest, strange], use.tune!(settings)).at(-1)).toEqual([]);
  });

  test.each([
    ["that was an attack once", finding, { resolution: "true-positive" as const }, "the same path was an attack"],
    ["that somebody refused to call harmless", finding, { verdict: "refused" as const }, "the same path was an attack"],
    [
      "by which the address only loses",
      other({ evidence: { ...finding.evidence, onlyLoses: true } }),
      {},
      "the address only loses by its path",
    ],
    ["that is none", other({ evidence: { kind: "full" } }), {}, "it names no path"],
  ])("is no path %s", (_, marked, said, why) => {
    const findings = [{ finding: other({ id: "0x04" }), ...said }];
    expect(proposeConfirmed({ alarms: [alarmOf(marked)], findings })).toEqual({
      hashes: [],
      refused: new Map([[marked.id, why]]),
    });
  });

  test("is nothing of another detector's", () => {
    const outflow = other({ detector: "outflow" });
    expect(proposeConfirmed({ alarms: [alarmOf(outflow)], findings: [] })).toEqual({ hashes: [], refused: new Map() });
  });
});

describe("memory", () => {
  test("keeps at most so many paths, says so, and tells at most eight new ones a block", () => {
    const small = useDetector(detectUnseenPath, { ...terms, maxPaths: 2 });
    const cells = new Map();
    expect(run(honest, small, cells).flat()).toContain("low full");
    expect([...cells.keys()].filter((k: string) => k.startsWith("unseen-path/path:"))).toHaveLength(2);
    const flood: CaseBlock = {
      timestamp: 5_000,
      txs: Array.from({ length: 40 }, (_, i) => calls(thief!, [`0x${(0x40000000 + i).toString(16)}` as Hex])),
    };
    expect(runDetector(use, [pool!], [...blocks(...honest), flood]).at(-1)).toHaveLength(8);
  });
});
