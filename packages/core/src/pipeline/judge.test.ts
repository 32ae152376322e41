import { describe, expect, test } from "vitest";
import { detectCollateralJump } from "../detectors/detectCollateralJump.ts";
import { detectOracleDeviation } from "../detectors/detectOracleDeviation.ts";
import { invariant } from "../detectors/invariant.ts";
import { zeroConfigDetectors } from "../detectors/zeroConfig.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import { type DetectContext, type DetectorUse, useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, frame, holdings, transferLog } from "../model/detectorCase.testkit.ts";
import { toWord } from "../model/Hex.ts";
import { keyOfRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { blockOn, detectorOf, feeder, programOf, vault } from "../pipeline.testkit.ts";

describe("deployments", () => {
  const made = `0x${"c0".repeat(20)}` as const;
  const creation = (ref: BlockBundle["ref"] | null): BlockBundle => {
    const block = blockOn(ref, "a", ["deploy"]);
    return { ...block, traces: block.txs.map((tx) => frame({ type: "CREATE", from: tx.from, to: made })) };
  };
  const asks = (needs: DetectorUse["meta"]["needs"]) => {
    const seen: (readonly string[] | undefined)[] = [];
    const asker = detectorOf("asker", "anomaly", (c) => void seen.push(c.deployerOf(made)));
    const f = feeder(programOf([{ ...asker, meta: { ...asker.meta, needs } }]));
    return { f, seen };
  };

  test("behavior: who deployed what is kept once for all detectors that look back, and a reorg forgets it", () => {
    const { f, seen } = asks({ all: [], degraded: ["H"] });
    const first = blockOn(null);
    const deployed = creation(first.ref);
    f.live(first);
    f.live(deployed);
    f.live(blockOn(deployed.ref));
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [blockOn(deployed.ref).ref, deployed.ref] });
    f.live(blockOn(first.ref, "b"));
    const by = deployed.txs[0]!.from;
    expect(seen).toEqual([undefined, [by, by], [by, by], undefined]);
  });

  test("behavior: without such a detector nothing is kept", () => {
    const { f, seen } = asks({ all: [] });
    f.live(creation(null));
    expect([seen, [...f.state.cells.keys()].filter((key) => key.startsWith("h/"))]).toEqual([[undefined], []]);
  });
});

describe("zero configuration beside settings", () => {
  const [thief, contract, lender, usd, eth, feed] = [
    addr(0xbad),
    addr(0xbad1),
    addr(0x1e4d),
    addr(0x701),
    addr(0x702),
    addr(0xfe),
  ];
  const reading = { to: feed, data: "0x50d25bcd", decimals: 8, word: 0 };
  const bundleOf = (parent: BlockBundle["ref"] | null, mark: string, trace: ReturnType<typeof frame>): BlockBundle => {
    const block = blockOn(parent, "a", [mark]);
    const logs = [
      transferLog(eth, lender, contract, 5n),
      transferLog(usd, vault, contract, 900n),
      transferLog(eth, contract, lender, 5n),
    ].map((log, index) => ({ ...log, index, txIndex: 0 }));
    const txs = block.txs.map((tx) => ({ ...tx, from: trace.from, to: trace.type === "CREATE" ? null : trace.to }));
    return { ...block, txs, logs: trace.type === "CREATE" ? [] : logs, traces: [trace], has: ["X", "L", "T"] };
  };
  const pay = frame({
    from: vault,
    to: usd,
    input: `0xa9059cbb${toWord(contract)}${toWord(900n)}`,
    output: `0x${toWord(1n)}`,
  });
  const again = frame({
    from: vault,
    to: contract,
    calls: [frame({ from: contract, to: vault, input: "0x22222222" })],
  });
  const steal = frame({
    from: thief,
    to: contract,
    calls: [frame({ from: contract, to: vault, input: "0x11111111", calls: [again, pay] })],
  });
  const state: NonNullable<CaseBlock["state"]> = (read) =>
    holdings([[vault, usd, 1000n, 100n]])(read) ??
    (read.kind === "slot" || read.kind === "balance" ? { ok: true, value: `0x${toWord(0n)}` } : undefined);

  /** What the zero-configuration detectors of `detectors` say about a theft by a contract of the block before. */
  function judged(detectors: readonly DetectorUse[]): unknown[] {
    const f = feeder(programOf(detectors));
    const deploy = bundleOf(null, "deploy", frame({ type: "CREATE", from: thief, to: contract }));
    for (const bundle of [deploy, bundleOf(deploy.ref, "steal", steal)])
      for (let [first] = f.live(bundle); first?.kind === "ask"; ) {
        const answers = first.reads.map(
          (read) => [keyOfRead(read), state(read) ?? { ok: false, error: "no" }] as const,
        );
        [first] = f.feed({ kind: "reads", blockHash: bundle.ref.hash, answers });
      }
    const zero = new Set(zeroConfigDetectors().map(({ meta }) => meta.id));
    return f.records().filter((record) => record.kind === "Finding" && zero.has(record.detector));
  }

  test("ASSET-09: detectors with settings, before or after, take no finding away and change none", () => {
    const settled = [
      useDetector(detectOracleDeviation, {
        feeds: [
          { name: "f", subject: vault, feed: reading, references: [reading], twapSeconds: 0, maxDeviation: 0.02 },
        ],
      }),
      useDetector(detectCollateralJump, {
        positions: [{ name: "p", subject: vault, collateral: reading, debt: reading, beta: 1 }],
      }),
      invariant({
        id: "reads-the-same",
        reads: () => [{ kind: "call", at: "block", to: usd, data: `0x70a08231${toWord(vault)}` }],
        predicate: () => ({ holds: false, reason: "Never holds.", evidence: {} }),
      }),
    ];
    const alone = judged(zeroConfigDetectors());
    const told = (alone as { detector: string; severity: string }[]).map((f) => `${f.severity} ${f.detector}`);
    expect([...new Set(told)]).toEqual([
      "critical asset-drain",
      "high outflow",
      "high flash-loan",
      "high reentrancy",
      "high call-tree",
    ]);
    expect(judged([...settled, ...zeroConfigDetectors()])).toEqual(alone);
    expect(judged([...zeroConfigDetectors(), ...settled])).toEqual(alone);
  });
});

describe("rounds of reads", () => {
  const [thief, contract, usd] = [addr(0xbad), addr(0xbad1), addr(0x701)];
  const payee = addr(0x9a);
  const junk = (i: number) => addr(0x7000 + i);
  /** Of each of `decoys` tokens more is said to leave than does, so that who got little of it is asked about only then. */
  function judged(decoys: number) {
    const block = blockOn(
      null,
      "a",
      Array.from({ length: decoys + 1 }, (_, i) => `${i}`),
    );
    const logs = Array.from({ length: decoys }, (_, i) => [
      { ...transferLog(junk(i), vault, addr(0x8000 + i), 50n), txIndex: i },
      { ...transferLog(junk(i), vault, payee, 950n), txIndex: i },
    ]).flat();
    const theft = { ...transferLog(usd, vault, contract, 900n), txIndex: decoys };
    const pay = frame({ from: vault, to: usd, input: `0xa9059cbb${toWord(contract)}${toWord(900n)}` });
    const steal = frame({
      from: thief,
      to: contract,
      calls: [frame({ from: contract, to: vault, input: "0x11111111", calls: [pay] })],
    });
    const txs = block.txs.map((tx, i) => ({
      ...tx,
      from: i === decoys ? thief : payee,
      to: i === decoys ? contract : junk(i),
    }));
    const traces = txs.map((tx, i) =>
      i === decoys ? steal : frame({ from: tx.from, to: junk(i), input: "0x11111111" }),
    );
    const bundle: BlockBundle = {
      ...{ ...block, txs, traces, has: ["X", "L", "T"] },
      logs: [...logs, theft].map((log, index) => ({ ...log, index })),
    };
    const rows = Array.from({ length: decoys }, (_, i) => [vault, junk(i), 1_000n, 500n] as const);
    const state = holdings([[vault, usd, 1_000n, 100n], ...rows]);
    const f = feeder(programOf(zeroConfigDetectors()));
    for (let [first] = f.live(bundle); first?.kind === "ask"; ) {
      const zero = { ok: true, value: `0x${toWord(0n)}` } as const;
      const answers = first.reads.map((read) => [keyOfRead(read), state(read) ?? zero] as const);
      [first] = f.feed({ kind: "reads", blockHash: bundle.ref.hash, answers });
    }
    return f.records().flatMap((r) => (r.kind === "Finding" ? [{ ...r, isTheft: r.txHash === txs.at(-1)!.hash }] : []));
  }

  test("DET-05: what a stranger has asset-drain ask for again and again keeps it from telling of no theft", () => {
    const few = judged(0).filter(({ detector, isTheft }) => detector === "asset-drain" && isTheft);
    expect(few.map(({ severity }) => severity)).toEqual(["high"]);
    const found = judged(20);
    const told = found.filter(({ detector, isTheft }) => detector === "asset-drain" && isTheft);
    expect(told.map(({ severity, reason, score }) => ({ severity, reason, score }))).toEqual(
      few.map(({ severity, reason, score }) => ({ severity, reason, score })),
    );
  });

  test("DET-05: one that asks without end within one run is ended", () => {
    let n = 0;
    const slot = () => ({ kind: "balance", at: "parent", address: addr(n++) }) as const;
    const endless = detectorOf("endless", "anomaly", (c) => {
      for (;;) c.read(slot());
    });
    const f = feeder(programOf([endless]));
    const block = blockOn(null);
    for (let [first] = f.live(block); first?.kind === "ask"; ) {
      const answers = first.reads.map((read) => [keyOfRead(read), { ok: true, value: "0x00" }] as const);
      [first] = f.feed({ kind: "reads", blockHash: block.ref.hash, answers });
    }
    expect(f.notices().map(({ title }) => title)).toEqual([
      "Detector endless asks for state without end: Asked for state 12 times.",
    ]);
  });
});

describe("what a detector tells", () => {
  const sound = { severity: "high", reason: "seen", subject: vault, key: ["a"], score: 1, evidence: {} } as const;
  const circle: { own?: unknown } = {};
  circle.own = circle;
  const toldOf = (draft: object) => {
    const f = feeder(programOf([detectorOf("odd", "anomaly", (c) => c.finding({ ...sound, ...draft }))]));
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref));
    return f.records().filter((record) => record.kind === "Finding");
  };

  test.each([
    ["a severity that is none", { severity: "urgent" }, "severity is urgent"],
    ["no reason", { reason: undefined }, "reason is undefined"],
    ["a subject that is no address", { subject: "Vault" }, "addresses is Vault"],
    ["a key that is no list", { key: "a" }, "key is a"],
    ["evidence in a circle", { evidence: circle }, "Allowed: 32 levels"],
    ["evidence that is code", { evidence: { of: [() => 1] } }, "evidence.of[0] is a function"],
  ])("DET-05: %s isolates the detector, and the stream goes on", (_, draft, said) => {
    const [finding] = toldOf(draft);
    expect([finding!.detector, finding!.reason]).toEqual(["self-health", expect.stringContaining(said)]);
  });

  test.each([
    ["an object without a text", Object.create(null)],
    ["an error whose text throws", Object.assign(new Error(), { message: Object.create(null) })],
    ["a word beyond measure", new Error("x".repeat(1_000_000))],
  ])("DET-05: %s that is thrown isolates the detector too", (_, thrown) => {
    const broken = detectorOf("odd", "anomaly", () => {
      throw thrown;
    });
    const f = feeder(programOf([broken]));
    f.live(blockOn(null));
    const [finding] = f.records().filter((record) => record.kind === "Finding");
    expect([finding!.detector, finding!.reason.slice(0, 19)]).toEqual(["self-health", "Detector odd threw:"]);
    expect(finding!.reason.length).toBeLessThan(3_000);
  });

  test.each([
    ["a circle", circle, "deeper than 32 levels"],
    ["code", { of: [() => 1] }, "x.of[0] is a function"],
    ["a mean that is no number", { mean: Number.NaN }, "x.mean is NaN"],
    ["a map", new Map([["a", 1]]), "x is a Map"],
    ["an object of a class", new (class Seen {})(), "x is a Seen"],
    ["what reads as a bigint", { $n: "abc" }, "x is an object with the key $n"],
    ["a list of lists beyond measure", Array.from({ length: 25 }).reduce((d: unknown) => [d, d], 1), "100000 values"],
  ])("DET-05: %s that is to be remembered isolates the detector, and nothing of it is kept", (_, value, said) => {
    const keeping = detectorOf("odd", "anomaly", (c) => {
      c.memory.set("fine", 1);
      c.memory.set("x", value as never);
    });
    const f = feeder(programOf([keeping]));
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref));
    const [finding] = f.records().filter((record) => record.kind === "Finding");
    expect([finding!.detector, finding!.reason]).toEqual(["self-health", expect.stringContaining(said)]);
    expect([...f.state.cells.keys()].filter((key) => key.startsWith("d/odd/"))).toEqual([]);
  });

  test.each<[string, (c: DetectContext<unknown>) => void]>([
    ["empties the logs", (c) => void (c.block.logs as unknown[]).splice(0)],
    ["turns the transactions round", (c) => void (c.txs as unknown[]).reverse()],
    ["rewrites a call", (c) => void Object.assign(c.txs[0]!.trace!, { input: "0x" })],
    ["hides a recipient", (c) => void Object.assign(c.txs[1]!.tx, { to: null })],
  ])("DET-05: one that %s of the block is isolated, and the next sees the block as it was", (_, change) => {
    const seen: unknown[] = [];
    const next = detectorOf("next", "anomaly", (c) => void seen.push(c.block, c.txs));
    const f = feeder(programOf([detectorOf("odd", "anomaly", change), next]));
    const block = blockOn(null, "a", ["first", "second"]);
    const given = { ...block, logs: [{ ...transferLog(vault, vault, vault, 1n), index: 0, txIndex: 0 }] };
    f.live({ ...given, traces: given.txs.map((tx) => frame({ from: tx.from, to: vault, input: "0x12345678" })) });
    const [told, txs] = seen as [BlockBundle, readonly TxView[]];
    expect([told.logs.length, txs.map(({ tx }) => tx.index)]).toEqual([1, [0, 1]]);
    expect(txs.map(({ tx, trace }) => [tx.to === null, trace?.input])).toEqual([
      [false, "0x12345678"],
      [false, "0x12345678"],
    ]);
    const [finding] = f.records().filter((record) => record.kind === "Finding");
    expect([finding!.detector, finding!.reason.slice(0, 19)]).toEqual(["self-health", "Detector odd threw:"]);
  });

  test("DET-05: a number that is none silences nobody: it stands there by its name, and such a score is the highest", () => {
    const [finding] = toldOf({ score: Number.NaN, evidence: { z: 1 / 0, of: [Number.NaN], left: undefined } });
    expect(finding).toMatchObject({ detector: "odd", score: 1, evidence: { z: "Infinity", of: ["NaN"] } });
  });
});
