import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { useDetector } from "@testudo/core/model/Detector";
import {
  addr,
  type CaseLog,
  frame,
  runDetector,
  topicOf,
  viewsOf,
  word,
} from "@testudo/core/model/detectorCase.testkit";
import type { Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import { openState, step } from "@testudo/core/pipeline";
import fc from "fast-check";
import { AbiEvent, AbiFunction } from "ox";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { DetectorMalformed, defineDetector } from "./defineDetector.ts";

const vault = addr(0xa17);
const token = addr(0x70c);
const user = addr(0x05e);
const withdraw = "event Withdraw(address indexed token, uint256 amount)";
const total = "function totalAssets() view returns (uint256)";
const about = { version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk" } as const;

function withdrawLog(amount: bigint, from = vault): CaseLog {
  const { topics } = AbiEvent.encode(AbiEvent.from(withdraw), { token });
  return { address: from, topics: topics as Hex[], data: topicOf(amount) };
}

const drain = defineDetector({
  ...about,
  id: "drain",
  contracts: { Vault: { abi: [withdraw, total] } },
  defaults: { maxBps: 2_000 },
  setup(app) {
    app.on("Vault:Withdraw", (c) => {
      const out = c.window("out", "1h", c.event.args.token).add(c.event.args.amount);
      const before = c.read.Vault.totalAssets({ at: "parent" });
      if (out.bps(before) > c.p.maxBps)
        c.finding({ severity: "critical", key: [c.event.args.token], evidence: { out: out.sum, before } });
    });
  },
});

const assets = (value: bigint) => (read: StateRead) => (read.kind === "call" ? word(value) : undefined);

test("behavior: what is set apart by what strangers choose leaves nothing once its span is over, and counts as an earlier version left it", () => {
  const withdrawing = (of: Hex, amount: bigint): CaseLog => {
    const { topics } = AbiEvent.encode(AbiEvent.from(withdraw), { token: of });
    return { address: vault, topics: topics as Hex[], data: topicOf(amount) };
  };
  const blockOf = (hour: number, logs: readonly CaseLog[]) => ({
    txs: [{ from: user, to: vault, logs }],
    timestamp: 3_600 * hour,
    number: 100 + hour,
    state: assets(1_000n),
  });
  const cells = new Map();
  for (let hour = 2; hour < 12; hour += 2) {
    const logs = Array.from({ length: 200 }, (_, i) => withdrawing(addr(0x90_000 + 1_000 * hour + i), 1n));
    runDetector(drain, [vault], [blockOf(hour, logs)], cells);
    expect(cells.size).toBeLessThanOrEqual(2 * 200 + 1);
  }
  cells.set(`drain/v1/window:out|${token}`, [[BigInt(3_600 * 12 - 60), 190n]]);
  const [found] = runDetector(drain, [vault], [blockOf(12, [withdrawing(token, 20n)])], cells);
  expect(found![0]).toMatchObject({ evidence: { out: 210n } });
});

test("ten lines over an ABI find the withdrawals of an hour that pass their share", () => {
  const blocks = [100n, 99n, 2n].map((amount, i) => ({
    txs: [{ from: user, to: vault, logs: [withdrawLog(amount)] }],
    timestamp: 1_000 + 12 * i,
    state: assets(1_000n),
  }));
  const found = runDetector(drain, [vault], blocks);
  expect(found.map((list) => list.length)).toEqual([0, 0, 1]);
  expect(found[2]![0]).toMatchObject({
    severity: "critical",
    subject: vault,
    reason: `drain at Vault Withdraw: token ${token}, amount 2.`,
    key: [token],
    logIndex: 0,
    evidence: { out: 201n, before: 1_000n },
  });
  // An hour later the first two are forgotten.
  const later = { ...blocks[2]!, timestamp: 1_000 + 3_700 };
  expect(runDetector(drain, [vault], [blocks[0]!, blocks[1]!, later]).flat()).toEqual([]);
});

test("parameters are given as for any other detector, and wrong ones are refused", () => {
  const blocks = [{ txs: [{ to: vault, logs: [withdrawLog(100n)] }], state: assets(1_000n) }];
  expect(runDetector(useDetector(drain, { maxBps: 999 }), [vault], blocks).flat()).toHaveLength(1);
  expect(runDetector(useDetector(drain, { maxBps: 1_000 }), [vault], blocks).flat()).toHaveLength(0);
  expect(() => useDetector(drain, { maxBps: "many" as never })).toThrow(z.ZodError);
  expect(() => useDetector(drain, { maxbps: 1 } as never)).toThrow(z.ZodError);
});

test("DET-03: a name that is not there is refused and not silent, without a compiler too", () => {
  // As a file that is loaded without its types: these do not compile.
  const written = (body: string) =>
    defineDetector({
      ...about,
      id: "misspelt",
      contracts: { Vault: { abi: [withdraw, total, "function withdraw(uint256 shares)"] } },
      defaults: { maxBps: 2_000 },
      setup: new Function("app", "p", body) as never,
    });
  for (const [text, name, known] of [
    ["c.p.maxBqs", "c.p.maxBqs", "maxBps"],
    ["c.event.args.amuont", "c.event.args.amuont", "token, amount"],
    ["c.event?.args.amuont", "c.event.args.amuont", "token, amount"],
    ["c.frame.args.amount", "c.frame.args.amount", "shares"],
    ["c.read.Vualt.totalAssets()", "c.read.Vualt", "Vault"],
    ["c.read.Vault.totalAsset()", "c.read.Vault.totalAsset", "totalAssets"],
    ["c.read.Vault.withdraw()", "c.read.Vault.withdraw", "totalAssets"],
    ["p.maxBqs", "p.maxBqs", "maxBps"],
  ])
    expect(() => written(`app.on("Vault:Withdraw", (c) => { if (${text} > 1) c.finding({}); });`)).toThrow(
      `"${name}" is not there; known are ${known}.`,
    );
  for (const names of ["c.p.maxBps", "c.p.hasOwnProperty", "p.maxBps", "c.event.args.amount", "c.event.args[x].y"])
    expect(() => written(`app.on("Vault:Withdraw", (c) => ${names});`)).not.toThrow();
  // Another's `p` is not the parameters, nor is the `c` of another function.
  expect(() => written("app.block({ every: 1 }, (c) => [c].map((d) => d.p.x)); const f = (c) => c.p.x;")).not.toThrow();
  for (const inner of [
    "[c].map((p) => p.size)",
    "[c].map((c) => c.p.size)",
    "[c].map(function ({ p, ...c }) { return p.size + c.read.size; })",
    "{ const p = c.window('out', '1h'); return p.sum; }",
    "{ for (const [p] of []) p.size; }",
    "{ try { c(); } catch (p) { return p.message; } }",
    "{ function c() { return c.p.size; } }",
  ])
    expect(() => written(`app.on("Vault:Withdraw", (c) => ${inner});`)).not.toThrow();
  // Beyond that they are what they were.
  for (const inner of ["[(c) => c, c.p.size]", "{ { let c; } return c.p.size; }", "c.p.size((c) => c)"])
    expect(() => written(`app.on("Vault:Withdraw", (c) => ${inner});`)).toThrow('"c.p.size" is not there');
});

test("error: a part that is misspelt is named, and not left out", () => {
  const parts = { ...about, id: "misspelt", defautls: { maxBps: 1 }, setup: () => undefined };
  expect(() => defineDetector(parts as never)).toThrow(/"misspelt" cannot be used: Unrecognized key: "defautls"/);
});

test("parameters that their schema leaves open are not held against it", () => {
  const open = (params: z.ZodType<object>) => () =>
    defineDetector<Record<never, never>, { x?: number }>({
      ...about,
      id: "open",
      params: params as z.ZodType<{ x?: number }>,
      setup: (app) => app.block({ every: 1 }, (c) => c.invariant("small", (c.p.x ?? 0) < 1)),
    });
  expect(open(z.looseObject({}))).not.toThrow();
  expect(open(z.record(z.string(), z.number()))).not.toThrow();
  expect(open(z.strictObject({ x: z.number().optional() }))).not.toThrow();
  expect(open(z.object({ y: z.number().optional() }))).toThrow('"c.p.x" is not there; known are y.');
});

test("other contracts' events of the same name are not the vault's", () => {
  const blocks = [{ txs: [{ to: vault, logs: [withdrawLog(900n, addr(0xbad))] }], state: assets(1_000n) }];
  expect(runDetector(drain, [vault], blocks).flat()).toEqual([]);
});

describe("what a contract emits does not stop a detector", () => {
  const anyHex = (max: number) =>
    fc.uint8Array({ maxLength: max }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`);

  test("DET-05: an event that does not decode is skipped, counted and told, and the next one is judged", () => {
    const broken: CaseLog = { ...withdrawLog(1n), data: "0x01" };
    const found = runDetector(
      drain,
      [vault],
      [{ txs: [{ to: vault, logs: [broken, broken, withdrawLog(900n)] }], state: assets(1_000n) }],
    ).flat();
    expect(found.map(({ severity, class: kind, evidence }) => ({ severity, kind, evidence }))).toEqual([
      { severity: "critical", kind: undefined, evidence: { out: 900n, before: 1_000n } },
      { severity: "low", kind: "health", evidence: { what: "Vault:Withdraw", inBlock: 2, total: 2 } },
    ]);
  });

  test("DET-05: whatever stands in a log or in calldata, no handler throws", () => {
    const signature = "event Odd(uint256[][] a, (string s, bytes b)[2] t, address indexed who, string)";
    const call = "function odd(uint256[][] a, (string s, bytes b)[] t)";
    const seen: unknown[] = [];
    const odd = defineDetector({
      ...about,
      id: "odd",
      contracts: { Vault: { abi: [signature, call] } },
      setup(app) {
        app.on("Vault:Odd", (c) => void seen.push(c.event.args.a, c.event.args.t[0]!.s.length));
        app.trace("Vault.odd", (c) => void seen.push(c.frame.args.t.length));
      },
    });
    const topic0 = AbiEvent.getSelector(AbiEvent.from(signature));
    const selector = AbiFunction.getSelector(AbiFunction.from(call));
    fc.assert(
      fc.property(fc.array(anyHex(32), { maxLength: 3 }), anyHex(400), (topics, bytes) => {
        const input: Hex = `${selector}${bytes.slice(2)}`;
        const trace = frame({ from: user, to: vault, input });
        runDetector(
          odd,
          [vault],
          [{ txs: [{ trace, logs: [{ address: vault, topics: [topic0, ...topics], data: bytes }] }] }],
        );
      }),
      { numRuns: 500 },
    );
  });

  test("DET-05: a view that reverts ends its handler alone, and is told", () => {
    const found = runDetector(drain, [vault], [{ txs: [{ to: vault, logs: [withdrawLog(900n)] }] }]).flat();
    expect(found).toMatchObject([{ severity: "medium", class: "health", key: ["unread", "Vault.totalAssets"] }]);
    const calm = defineDetector({
      ...about,
      id: "calm",
      contracts: { Vault: { abi: [withdraw, total] } },
      setup(app) {
        app.on("Vault:Withdraw", (c) => {
          if (c.read.Vault.totalAssets({ or: 0n }) === 0n) c.finding({ severity: "info" });
        });
      },
    });
    expect(runDetector(calm, [vault], [{ txs: [{ to: vault, logs: [withdrawLog(900n)] }] }]).flat()).toHaveLength(1);
  });
});

describe("calls", () => {
  const abi = ["function withdraw(uint256 amount)", "function multicall(bytes[] data)"] as const;
  const calls = defineDetector({
    ...about,
    id: "calls",
    contracts: { Vault: { abi } },
    setup(app) {
      app.trace("Vault.withdraw", (c) => {
        const { args, address, implementation } = c.frame;
        c.finding({
          severity: c.frame.reenters() ? "critical" : "info",
          key: [String(args.amount)],
          evidence: { address, implementation: implementation ?? null },
        });
      });
    },
  });
  const input = (amount: bigint) => AbiFunction.encodeData(AbiFunction.from(abi[0]), [amount]);
  const implementation = addr(0x1);

  test("DET-04: a call through a proxy is one call of the proxy, with the code that ran behind it", () => {
    const behind = frame({ type: "DELEGATECALL", from: vault, to: implementation, input: input(5n) });
    const trace = frame({ from: user, to: vault, input: input(5n), calls: [behind] });
    expect(runDetector(calls, [vault], [{ txs: [{ trace }] }]).flat()).toMatchObject([
      { severity: "info", key: ["5"], subject: vault, evidence: { address: vault, implementation } },
    ]);
  });

  test("DET-04: calls that a multicall delegates to its own code are seen one by one", () => {
    const inner = [1n, 2n].map((n) => frame({ type: "DELEGATECALL", from: vault, to: vault, input: input(n) }));
    const trace = frame({ from: user, to: vault, input: "0xac9650d8", calls: inner });
    expect(
      runDetector(calls, [vault], [{ txs: [{ trace }] }])
        .flat()
        .map(({ key }) => key),
    ).toEqual([["1"], ["2"]]);
  });

  test("DET-05: whether each of thousands of calls re-enters is looked for once", () => {
    const back = Array.from({ length: 8_000 }, (_, i) => frame({ from: user, to: vault, input: input(BigInt(i)) }));
    const foreign = frame({ from: vault, to: user, calls: back });
    const trace = frame({ from: user, to: vault, input: input(1n), calls: [foreign] });
    const startMs = performance.now();
    const [found] = runDetector(calls, [vault], [{ txs: [{ trace }] }]);
    expect(found!.filter(({ severity }) => severity === "critical")).toHaveLength(8_000);
    // Looked for at each of them it took 16 s.
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test("a call that comes back while another is open re-enters, a reverted one does not count", () => {
    const back = frame({ from: user, to: vault, input: input(2n) });
    const failed = frame({ from: user, to: vault, input: input(3n), error: "execution reverted" });
    const foreign = frame({ from: vault, to: user, calls: [back, failed] });
    const trace = frame({ from: user, to: vault, input: input(1n), calls: [foreign] });
    expect(
      runDetector(calls, [vault], [{ txs: [{ trace }] }])
        .flat()
        .map(({ severity, key }) => [severity, key[0]]),
    ).toEqual([
      ["info", "1"],
      ["critical", "2"],
    ]);
  });
});

test("DET-04: the code behind an address is read at each block", () => {
  const spy = defineDetector({
    ...about,
    id: "spy",
    contracts: { Vault: { abi: [total] } },
    setup(app) {
      app.block({ every: 1 }, (c) =>
        c.finding({ severity: "info", evidence: { code: c.implementation("Vault") ?? null } }),
      );
    },
  });
  const slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
  const state = (behind: number) => (read: StateRead) => {
    if (read.kind === "code") return { ok: true, value: "0x6000" } as const;
    return word(read.kind === "slot" && read.slot === slot ? addr(behind) : 0n);
  };
  const found = runDetector(spy, [vault], [{ state: state(1) }, { state: state(2) }, { state: state(0) }]).flat();
  expect(found.map(({ evidence }) => evidence.code)).toEqual([addr(1), addr(2), null]);
});

test("STREAM-09: a handler of a call reads around it; what stands for that state is taken, unless it has to be exact", () => {
  const asked: StateRead[] = [];
  const around = (exact: boolean) =>
    defineDetector({
      ...about,
      id: "around",
      contracts: { Vault: { abi: ["function pay()", total] } },
      setup(app) {
        app.trace("Vault.pay", (c) => {
          const only = exact ? ({ exact: true, or: 7n } as const) : {};
          const [before, after] = c.together(
            () => c.read.Vault.totalAssets({ at: { beforeCall: c.frame.id }, ...only }),
            () => c.read.Vault.totalAssets({ at: { afterCall: c.frame.id }, ...only }),
          );
          c.finding({ severity: "high", evidence: { before, after } });
        });
      },
    });
  const input = AbiFunction.getSelector(AbiFunction.from("function pay()"));
  const inner = frame({ from: addr(0xbad), to: vault, input });
  const trace = frame({ from: user, to: addr(0xbad), calls: [frame({ from: addr(0xbad), to: token }), inner] });
  const told = (exact: boolean, standIn?: "beforeTx") => {
    const state = (read: StateRead) => {
      asked.push(read);
      return { ...word(5n), ...(standIn === undefined ? {} : { standIn }) };
    };
    return runDetector(around(exact), [vault], [{ txs: [{ from: user, to: addr(0xbad), trace }], state }]).flat();
  };
  const both = { severity: "high", evidence: { before: 5n, after: 5n } };
  expect(told(true)).toMatchObject([both]);
  expect(told(false, "beforeTx")).toMatchObject([both]);
  const reason = expect.stringContaining('only "beforeTx" is known');
  expect(told(true, "beforeTx")).toMatchObject([{ severity: "medium", class: "health", reason }]);
  const places = asked.map(({ at }) => at as object);
  expect(places.slice(0, 2)).toMatchObject([{ beforeCall: { order: 2 } }, { afterCall: { order: 2 } }]);
});

describe("state that is not there yet", () => {
  const program = (use: Program["detectors"][number]): Program => ({
    chainId: 1,
    watched: [vault],
    detectors: [use],
    playbooks: [],
    policy: null,
  });
  const bundleOf = (logs: readonly CaseLog[]): BlockBundle => {
    const views = viewsOf({ txs: logs.map((log) => ({ to: vault, logs: [log] })) });
    return {
      ref: { number: 1n, hash: topicOf(1n), parentHash: topicOf(0n), timestamp: 100n },
      txs: views.map(({ tx }) => tx),
      logs: views.flatMap((view) => view.logs),
      has: ["L", "X"],
      sources: [],
    };
  };

  test("what many handlers lack is asked in one round, and a window counts each of them once", () => {
    const balances = defineDetector({
      ...about,
      id: "balances",
      contracts: {
        Vault: {
          abi: [
            withdraw,
            "function held(uint256 i) view returns (uint256)",
            "function other(uint256 i) view returns (uint256)",
          ],
        },
      },
      setup(app) {
        app.on("Vault:Withdraw", (c) => {
          const sum = c.window("out", "1h").add(c.event.args.amount).sum;
          const [a, b] = c.together(
            () => c.read.Vault.held([c.event.args.amount]),
            () => c.read.Vault.other([c.event.args.amount]),
          );
          c.finding({ severity: "info", key: [String(c.event.logIndex)], evidence: { sum, a, b } });
        });
      },
    });
    const state = openState();
    const bundle = bundleOf(Array.from({ length: 20 }, (_, i) => withdrawLog(BigInt(i + 1))));
    const first = step(program(balances), state, { kind: "block", bundle, phase: "live", receivedAtMs: 0 }).outputs[0]!;
    if (first.kind !== "ask") throw new Error("It asked for nothing.");
    expect(first.reads).toHaveLength(40);
    const answers = first.reads.map((read) => [keyOfRead(read), word(7n)] as const);
    const [commit] = step(program(balances), state, { kind: "reads", blockHash: bundle.ref.hash, answers }).outputs;
    if (commit?.kind !== "commit") throw new Error("It was not judged in the second round.");
    const sums = commit.records.flatMap((r) => (r.kind === "Finding" ? [r.evidence.sum] : []));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(((i + 1) * (i + 2)) / 2)));
  });

  test("an async handler is refused by name", () => {
    const late = defineDetector({
      ...about,
      id: "late",
      contracts: { Vault: { abi: [withdraw] } },
      setup: (app) => app.on("Vault:Withdraw", async () => undefined),
    });
    const { outputs } = step(program(late), openState(), {
      kind: "block",
      bundle: bundleOf([withdrawLog(1n)]),
      phase: "live",
      receivedAtMs: 0,
    });
    const [commit] = outputs;
    if (commit?.kind !== "commit") throw new Error("It was not judged.");
    expect(commit.records.find((r) => r.kind === "Finding")).toMatchObject({
      detector: "self-health",
      reason: expect.stringContaining('A handler of detector "late" is async.'),
    });
  });
});

test("what handlers listen to decides what is needed of a block", () => {
  const needs = (setup: Parameters<typeof defineDetector>[0]["setup"]) =>
    defineDetector({
      ...about,
      id: "n",
      contracts: { Vault: { abi: [withdraw, "function f()"] } },
      setup: setup as never,
    }).meta.needs;
  expect(needs((app) => app.trace("Vault.f" as never, () => undefined))).toEqual({ all: ["X", "T"] });
  expect(needs((app) => app.on("Vault:Withdraw" as never, () => undefined))).toEqual({ all: ["X", "L"] });
  expect(
    needs((app) => {
      app.tx(() => undefined);
      app.trace("Vault.*" as never, () => undefined);
    }),
  ).toEqual({ all: ["X"], degraded: ["T"] });
});

test.each([
  [{ runbook: " " }, /runbook: where it stands what to do/],
  [{ owner: "" }, /owner: who does it/],
  [{ id: "Big One" }, /lower case, digits and hyphens/],
  [{ version: "1" }, /three numbers/],
  [{ hard: true }, /only a detector of kind "invariant"/],
  [{ setup: () => undefined }, /listens to nothing/],
  [{ contracts: { Vault: { abi: ["event ("] } } }, /Contract "Vault" cannot be used: its ABI does not parse/],
  [{ contracts: { Vault: { address: "0x12", abi: [withdraw] } } }, /"0x12" is no address/],
])("error: a definition with %o cannot be used", (change, message) => {
  const definition = {
    ...about,
    id: "wrong",
    contracts: { Vault: { abi: [withdraw] } },
    setup: (app: { tx: (handler: () => void) => void }) => app.tx(() => undefined),
    ...change,
  };
  expect(() => defineDetector(definition as never)).toThrow(message);
});

test("error: a detector without any definition is malformed", () => {
  expect(() => defineDetector({} as never)).toThrow(DetectorMalformed);
});

const shouted = (text: Hex): Hex => `0x${text.slice(2).toUpperCase()}`;

test("addresses and selectors of a detector are meant in whatever case", () => {
  const listening = defineDetector({
    ...about,
    id: "shouted",
    setup(app) {
      app.tx(
        (c) => c.finding({ severity: "low", key: ["party"], subject: shouted(token), addresses: [shouted(user)] }),
        [{ kind: "party", at: [shouted(token)] }],
      );
      app.tx(
        (c) => c.finding({ severity: "low", key: ["entry"], subject: token }),
        [{ kind: "entry", selector: shouted("0xa9059cbb"), at: [shouted(token)] }],
      );
    },
  });
  const [found] = runDetector(listening, [vault], [{ txs: [{ from: user, to: token, input: "0xa9059cbb" }] }]);
  expect(found!.map(({ key, subject, addresses }) => [key, subject, addresses])).toEqual([
    [["party"], token, [user]],
    [["entry"], token, undefined],
  ]);
});

test.each([
  [[], "at least one"],
  [[{ kind: "party", at: [] }], "at least one"],
  [[{ kind: "party", at: ["0x12"] }], "an address"],
  [[{ kind: "entry", at: "any" }], "four bytes"],
  [[{ kind: "entry", selector: "transfer", at: "any" }], "four bytes"],
  [[{ kind: "log", topic: topicOf(1n), at: "any" }], "entry or party"],
])("error: app.tx for %o would never run", (only, message) => {
  const setup = (app: { tx: (handler: () => void, only: unknown) => void }) => app.tx(() => undefined, only);
  expect(() => defineDetector({ ...about, id: "deaf", setup: setup as never })).toThrow(message);
});
