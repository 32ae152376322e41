import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { benignFrame, type Surroundings, setInto, surroundings } from "../model/benignFrames.testkit.ts";
import { findReentries, walk } from "../model/CallTree.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, frame, runDetector, transferLog } from "../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { flashCallbacks } from "../signs/FlashLoan.ts";
import { poolCallbacks, swapCallbacks } from "../signs/PoolCallback.ts";
import { detectReentrancy } from "./detectReentrancy.ts";

const [vault, second, user, contract, other, market, usd, pool] = [
  addr(0x1001),
  addr(0x1002),
  addr(0xbad),
  addr(0xbad1),
  addr(0x0e),
  addr(0x3a),
  addr(0x701),
  addr(0x9001),
];
const use = useDetector(detectReentrancy);
const run = (trace: CallFrame, watched = [vault, second], logs: ReturnType<typeof transferLog>[] = [], u = use) =>
  runDetector(u, watched, [{ txs: [{ from: user, to: contract, trace, logs }] }])[0]!;

/** user → contract → vault.outer → `via` → vault.inner */
const reenter = (via: `0x${string}`, inner: Partial<CallFrame> = {}, outer: Hex = "0x11111111") =>
  frame({
    from: user,
    to: contract,
    calls: [
      frame({
        from: contract,
        to: vault,
        input: outer,
        calls: [
          frame({ from: vault, to: via, calls: [frame({ from: via, to: vault, input: "0x22222222", ...inner })] }),
        ],
      }),
    ],
  });

/** user → contract → vault.outer → `via` → market → `read` */
const openedBy = (via: Address, read: CallFrame) =>
  frame({
    from: user,
    to: contract,
    calls: [
      frame({
        from: contract,
        to: vault,
        input: "0x11111111",
        calls: [frame({ from: vault, to: via, calls: [frame({ from: via, to: market, calls: [read] })] })],
      }),
    ],
  });

test("re-entering through the actor's contract is high, through another one medium, by design low", () => {
  expect(run(reenter(contract))).toMatchObject([
    { severity: "high", subject: vault, evidence: { kind: "write", via: [contract] } },
  ]);
  expect(run(reenter(other))).toMatchObject([{ severity: "medium" }]);
  expect(run(reenter(contract, {}, "0xab9c4b5d"))).toMatchObject([{ severity: "low" }]);
});

test("a view of a token that is called as old compilers call it is read, and whoever asks for himself is told of nothing", () => {
  const balanceOf: Partial<CallFrame> = { input: `0x70a08231${"0".repeat(64)}` };
  expect(run(reenter(other, balanceOf))).toEqual([]);
  expect(run(reenter(contract, balanceOf))).toEqual([]);
  // A third party that goes on by it is told as of a static call.
  const asks = frame({ from: market, to: vault, ...balanceOf });
  expect(run(openedBy(contract, asks))).toMatchObject([{ severity: "medium", evidence: { kind: "read" } }]);
  expect(run(openedBy(contract, { ...asks, type: "STATICCALL" }))).toMatchObject([{ evidence: { kind: "read" } }]);
});

test("entering another protected contract is a re-entry too", () => {
  expect(run(reenter(contract, { to: second }))).toMatchObject([{ severity: "high", subject: second }]);
});

test("look-alikes raise nothing: inner calls of the set, pool callbacks, allowed entries, reverted branches", () => {
  expect(run(reenter(second, {}))).toEqual([]);
  expect(run(reenter(other, { input: "0xfa461e3300" }))).toEqual([]);
  expect(run(reenter(contract), [vault], [], useDetector(detectReentrancy, { allowedInner: ["0x22222222"] }))).toEqual(
    [],
  );
  expect(run(reenter(contract, { error: "locked" }))).toEqual([]);
  expect(
    run(
      frame({
        from: user,
        to: contract,
        calls: [frame({ from: contract, to: vault }), frame({ from: contract, to: vault })],
      }),
    ),
  ).toEqual([]);
});

test("a lender that answers who asked it re-enters nothing; the actors that call the same do", () => {
  const executeOperation = "0x1b11d0ff00" as Hex;
  expect(run(reenter(other, { input: executeOperation }))).toEqual([]);
  expect(run(reenter(contract, { input: executeOperation }))).toMatchObject([{ severity: "high" }]);
});

test("code run by delegation is the proxy's own", () => {
  const inner = frame({
    from: vault,
    to: addr(0x1111),
    type: "DELEGATECALL",
    calls: [frame({ from: vault, to: vault, input: "0x22222222" })],
  });
  expect(
    run(frame({ from: user, to: contract, calls: [frame({ from: contract, to: vault, calls: [inner] })] })),
  ).toEqual([]);
});

test("read-only: a third party that prices by a view while the vault is open is told, the actor's own look is not", () => {
  const look = (reader: `0x${string}`) => frame({ from: reader, to: vault, type: "STATICCALL", input: "0xbb7b8b80" });
  const trace = (inner: CallFrame) =>
    frame({
      from: user,
      to: contract,
      calls: [
        frame({
          from: contract,
          to: vault,
          input: "0x11111111",
          calls: [frame({ from: vault, to: contract, calls: [inner] })],
        }),
      ],
    });
  const deceived = trace(frame({ from: contract, to: market, calls: [look(market)] }));
  expect(run(deceived)).toMatchObject([{ severity: "medium", evidence: { kind: "read" } }]);
  expect(run(deceived, [vault], [transferLog(usd, vault, contract, 1n)])).toMatchObject([{ severity: "high" }]);
  expect(run(trace(look(contract)))).toEqual([]);
});

test("read-only: while all that is open between the vault and its view is static, nobody acts on the price", () => {
  const read = frame({ from: market, to: vault, type: "STATICCALL", input: "0xbb7b8b80" });
  const asked = frame({
    from: vault,
    to: contract,
    type: "STATICCALL",
    calls: [frame({ from: contract, to: market, type: "STATICCALL", calls: [read] })],
  });
  const outer = frame({ from: contract, to: vault, input: "0x11111111", calls: [asked] });
  expect(run(frame({ from: user, to: contract, calls: [outer] }))).toEqual([]);
});

describe("open read: the protected market prices by a foreign contract", () => {
  /** user → contract → pool.`outer` → contract.`callback` → market → pool.`view` */
  const priced = (
    part: { outer?: Hex; callback?: Hex; view?: Hex; way?: readonly Address[]; reader?: Address } = {},
  ) => {
    const { outer = "0x11111111", callback = "0x", view = "0xbb7b8b80", way = [contract], reader = market } = part;
    const look = frame({ from: reader, to: pool, type: "STATICCALL", input: view });
    const asked = reader === market ? look : frame({ from: market, to: reader, type: "STATICCALL", calls: [look] });
    const work = [...way, market].reduceRight<CallFrame[]>(
      (calls, to, i) => [frame({ from: way[i - 1] ?? pool, to, input: i === 0 ? callback : "0x33333333", calls })],
      [asked],
    );
    return frame({ from: user, to: contract, calls: [frame({ from: contract, to: pool, input: outer, calls: work })] });
  };
  const told = (tree: CallFrame, logs: ReturnType<typeof transferLog>[] = [], u = use) => run(tree, [market], logs, u);

  test("while the actors hold that contract open it is told, also by way of an oracle", () => {
    expect(told(priced(), [transferLog(usd, market, contract, 4n)])).toMatchObject([
      { severity: "high", subject: market, addresses: [pool, contract], evidence: { kind: "open-read" } },
    ]);
    expect(told(priced())).toMatchObject([{ severity: "medium" }]);
    expect(told(priced({ reader: other }))).toMatchObject([{ severity: "medium", subject: market }]);
    expect(told(priced({ way: [usd, contract], callback: "0x0023de29" }))).toMatchObject([{ severity: "medium" }]);
  });

  test("look-alikes raise nothing: usual callbacks, calls open by design, fixed views, no actors in between", () => {
    for (const callback of [...swapCallbacks.keys(), ...poolCallbacks.keys(), ...flashCallbacks.keys()])
      expect(told(priced({ callback: callback as Hex }))).toEqual([]);
    expect(told(priced({ outer: "0x48c89491" }))).toEqual([]);
    expect(told(priced(), [], useDetector(detectReentrancy, { allowedOuter: ["0x11111111"] }))).toEqual([]);
    expect(told(priced({ view: "0x313ce567" }))).toEqual([]);
    expect(told(priced({ way: [] }))).toEqual([]);
    expect(told(priced({ way: [other] }))).toEqual([]);
    const swap = frame({
      from: market,
      to: pool,
      input: "0x128acb08",
      calls: [
        frame({
          from: pool,
          to: market,
          input: "0xfa461e33",
          calls: [frame({ from: market, to: pool, type: "STATICCALL", input: "0x3850c7bd" })],
        }),
      ],
    });
    expect(
      told(frame({ from: user, to: contract, calls: [frame({ from: contract, to: market, calls: [swap] })] })),
    ).toEqual([]);
  });

  test("a contract that has been left again, or the actors' own, is none", () => {
    const look = frame({ from: market, to: pool, type: "STATICCALL", input: "0xbb7b8b80" });
    const after = [frame({ from: contract, to: pool }), frame({ from: contract, to: market, calls: [look] })];
    expect(told(frame({ from: user, to: contract, calls: after }))).toEqual([]);
    const ownLook = frame({ from: market, to: contract, type: "STATICCALL", input: "0xbb7b8b80" });
    expect(
      told(frame({ from: user, to: contract, calls: [frame({ from: contract, to: market, calls: [ownLook] })] })),
    ).toEqual([]);
  });
});

test("read-only: a helper that the actor deployed in an earlier block is the actor's own", () => {
  const deploy = { txs: [{ from: user, to: null, trace: frame({ type: "CREATE" as const, from: user, to: other }) }] };
  const read = frame({ from: market, to: vault, type: "STATICCALL", input: "0xbb7b8b80" });
  const attack = { txs: [{ from: user, to: contract, trace: openedBy(other, read) }] };
  const last = (blocks: Parameters<typeof runDetector>[2]) => runDetector(use, [vault], blocks).at(-1);
  expect(last([deploy, attack])).toMatchObject([
    { severity: "medium", evidence: { kind: "read", via: [other, market] } },
  ]);
  expect(last([attack])).toEqual([]);
  expect(last([deploy, { ...attack, number: 60_000 }])).toEqual([]);
});

test("a re-entry always lies within its outer call, with foreign code in between", () => {
  const node = (depth: number): fc.Arbitrary<CallFrame> =>
    fc
      .record({
        to: fc.constantFrom(vault, second, contract, other),
        type: fc.constantFrom("CALL" as const, "STATICCALL" as const, "DELEGATECALL" as const),
        calls: depth === 0 ? fc.constant([]) : fc.array(node(depth - 1), { maxLength: 3 }),
      })
      .map((f) => frame({ from: user, ...f }));
  fc.assert(
    fc.property(node(5), (root) => {
      const set = new Set([vault, second]);
      for (const { outer, inner, via } of findReentries(root, set)) {
        expect(outer.order < inner.order && inner.end <= outer.end).toBe(true);
        expect(via.length > 0 && via.every((a) => !set.has(a))).toBe(true);
        expect(set.has(outer.context) && set.has(inner.context)).toBe(true);
      }
      expect(walk(root).map((v) => v.order)).toEqual(walk(root).map((_, i) => i));
    }),
  );
});

describe("whatever lies around it", () => {
  /** contract → vault.outer → … → contract → … → `inner`, with strangers before, after and in between. */
  const opened = (around: Surroundings, inner: CallFrame) => [
    frame({
      from: contract,
      to: vault,
      input: "0x11111111",
      calls: [
        ...around.before,
        ...setInto(around, vault, contract, [inner]).calls.map((c) => frame({ from: vault, to: contract, calls: [c] })),
      ],
    }),
  ];

  test("a call into the set at any depth below an open one, by way of the actors, is high", () => {
    fc.assert(
      fc.property(surroundings, surroundings, fc.constantFrom(vault, second), (out, within, to) => {
        const inner = frame({ from: contract, to, input: "0x22222222" });
        expect(run(setInto(out, user, contract, opened(within, inner)))).toMatchObject([
          { severity: "high", subject: to, evidence: { kind: "write" } },
        ]);
      }),
    );
  });

  test("a view read by a third party at any depth below an open call is told", () => {
    fc.assert(
      fc.property(surroundings, surroundings, fc.boolean(), (out, within, isOracle) => {
        const look = frame({ from: isOracle ? other : market, to: vault, type: "STATICCALL", input: "0xbb7b8b80" });
        const asked = isOracle ? frame({ from: market, to: other, type: "STATICCALL", calls: [look] }) : look;
        const inner = frame({ from: contract, to: market, calls: [asked] });
        expect(run(setInto(out, user, contract, opened(within, inner)))).toMatchObject([
          { severity: "medium", evidence: { kind: "read" } },
        ]);
      }),
    );
  });

  test("an open read at any depth is told", () => {
    fc.assert(
      fc.property(surroundings, surroundings, (out, within) => {
        const look = frame({ from: market, to: pool, type: "STATICCALL", input: "0xbb7b8b80" });
        const priced = frame({ from: contract, to: market, calls: [look] });
        const paid = frame({ from: pool, to: contract, calls: setInto(within, pool, contract, [priced]).calls });
        const shape = [frame({ from: contract, to: pool, input: "0x11111111", calls: [...within.before, paid] })];
        expect(run(setInto(out, user, contract, shape), [market])).toMatchObject([
          { severity: "medium", subject: market, evidence: { kind: "open-read" } },
        ]);
      }),
    );
  });

  test("calls one after another, however many, and whatever strangers do below them, are none", () => {
    const call = fc.record({ to: fc.constantFrom(vault, second), calls: fc.array(benignFrame, { maxLength: 3 }) });
    fc.assert(
      fc.property(surroundings, fc.array(call, { maxLength: 6 }), (around, calls) => {
        const shape = calls.map((c) => frame({ from: contract, input: "0x11111111", ...c }));
        expect(run(setInto(around, user, contract, shape))).toEqual([]);
      }),
    );
  });
});
