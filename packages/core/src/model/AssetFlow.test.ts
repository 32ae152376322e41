import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "./Asset.ts";
import { type AssetFlow, assetFlowOf } from "./AssetFlow.ts";
import type { CallFrame, FrameLog, Transaction } from "./BlockBundle.ts";
import { addr, frame, topicOf, transferLog, viewsOf } from "./detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "./Hex.ts";
import { selector, topic } from "./KnownSignature.ts";

const [alice, bob, carol, token, weth] = [addr(0xa), addr(0xb), addr(0xc), addr(0x701), addr(0x702)];
const tx: Transaction = { hash: topicOf(1n), index: 0, from: alice, to: bob, value: 0n, input: "0x", nonce: 0 };
const show = (flow: AssetFlow) => Object.fromEntries([...flow.net].map(([a, m]) => [a, Object.fromEntries(m)]));
const callTransfer = (to: Address, amount: bigint): Hex => `${selector.transfer}${toWord(to)}${toWord(amount)}`;

describe("from logs", () => {
  test("of a call tree's frame with more of them than a call takes arguments", () => {
    const log: FrameLog = { address: token, topics: [], data: "0x" };
    const logs = [...Array.from({ length: 200_000 }, () => log), transferLog(token, alice, bob, 5n)];
    expect(show(assetFlowOf(tx, [], frame({ from: alice, to: bob, logs })))).toEqual({
      [alice]: { [token]: -5n },
      [bob]: { [token]: 5n },
    });
  });

  test("nets ERC-20, ERC-721 and ERC-1155 transfers, single and batch", () => {
    const list = (words: bigint[]) => words.map((w) => toWord(w)).join("");
    const logs: FrameLog[] = [
      transferLog(token, alice, bob, 5n),
      transferLog(token, bob, carol, 2n),
      { address: token, topics: [topic.transfer, topicOf(alice), topicOf(bob), topicOf(9n)], data: "0x" },
      {
        address: weth,
        topics: [topic.transferSingle, topicOf(carol), topicOf(alice), topicOf(bob)],
        data: `0x${list([3n, 4n])}`,
      },
      {
        address: weth,
        topics: [topic.transferBatch, topicOf(carol), topicOf(alice), topicOf(bob)],
        data: `0x${list([64n, 160n, 2n, 3n, 4n, 2n, 10n, 11n])}`,
      },
    ];
    expect(show(assetFlowOf(tx, logs, undefined))).toEqual({
      [alice]: { [token]: -5n, [`${token}:9`]: -1n, [`${weth}:3`]: -14n, [`${weth}:4`]: -11n },
      [bob]: { [token]: 3n, [`${token}:9`]: 1n, [`${weth}:3`]: 14n, [`${weth}:4`]: 11n },
      [carol]: { [token]: 2n },
    });
  });

  test("behavior: of the ids that one ledger names, however few each event, the thousand that most moves of are followed", () => {
    const ids = Array.from({ length: 1_200 }, (_, i) => BigInt(i + 1));
    const logs = ids.map(
      (id): FrameLog => ({
        address: weth,
        topics: [topic.transferSingle, topicOf(carol), topicOf(alice), topicOf(bob)],
        data: `0x${toWord(id)}${toWord(id === 1_200n ? 9n : 1_000_000n - id)}`,
      }),
    );
    const other = transferLog(token, alice, bob, 5n);
    const { [alice]: net } = show(assetFlowOf(tx, [...logs, other], undefined));
    expect(Object.keys(net!)).toHaveLength(1_001);
    expect([net![`${weth}:1000`], net![`${weth}:1001`], net![`${weth}:1200`], net![token]]).toEqual([
      -999_000n,
      undefined,
      undefined,
      -5n,
    ]);
  });

  test("counts wrapping only where native value went with it", () => {
    const logs = [
      { address: weth, topics: [topic.deposit, topicOf(alice)], data: `0x${toWord(7n)}` as Hex },
      { address: token, topics: [topic.deposit, topicOf(alice)], data: `0x${toWord(7n)}` as Hex },
    ];
    const trace = frame({
      from: alice,
      to: bob,
      calls: [frame({ from: alice, to: weth, value: 7n }), frame({ from: alice, to: token })],
    });
    expect(show(assetFlowOf(tx, logs, trace))).toEqual({
      [alice]: { native: -7n, [weth]: 7n },
      [weth]: { native: 7n },
      [zeroAddress]: { [weth]: -7n },
    });
  });

  test("a wrapped token that emits Transfer too is counted once", () => {
    const logs = [
      transferLog(weth, zeroAddress, alice, 7n),
      { address: weth, topics: [topic.deposit, topicOf(alice)], data: `0x${toWord(7n)}` as Hex },
    ];
    const trace = frame({ from: alice, to: weth, value: 7n });
    expect(assetFlowOf(tx, logs, trace).net.get(alice)?.get(weth)).toBe(7n);
  });

  test("ASSET-03: marks a token whose transfer was answered but not kept, and one with a malformed event", () => {
    const logs: FrameLog[] = [
      transferLog(token, alice, bob, 95n),
      { address: weth, topics: [topic.transfer, `0x${"f".repeat(64)}`, topicOf(bob)], data: `0x${toWord(1n)}` },
    ];
    const trace = frame({
      from: alice,
      to: bob,
      calls: [frame({ from: alice, to: token, input: callTransfer(bob, 100n), output: `0x${toWord(1n)}` })],
    });
    expect([...assetFlowOf(tx, logs, trace).unbalanced].sort()).toEqual([token, weth].sort());
  });

  test("a transfer that answers false is no claim", () => {
    const trace = frame({
      from: alice,
      to: bob,
      calls: [frame({ from: alice, to: token, input: callTransfer(bob, 100n), output: `0x${toWord(0n)}` })],
    });
    expect(assetFlowOf(tx, [transferLog(weth, alice, bob, 1n)], trace).unbalanced.size).toBe(0);
  });

  test("the top-level value counts without a trace, to the new contract for a creation", () => {
    expect(
      assetFlowOf({ ...tx, value: 3n }, [], undefined)
        .net.get(bob)
        ?.get("native"),
    ).toBe(3n);
    const made = assetFlowOf(
      { ...tx, from: "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0", to: null, value: 3n },
      [],
      undefined,
    );
    expect(made.net.get("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d")?.get("native")).toBe(3n);
  });
});

describe("from calldata", () => {
  test("reads transfers, wrapping and unwrapping of frames that lasted", () => {
    const trace = frame({
      from: alice,
      to: bob,
      calls: [
        frame({ from: bob, to: token, input: callTransfer(carol, 10n) }),
        frame({ from: bob, to: token, input: `${selector.transferFrom}${toWord(alice)}${toWord(bob)}${toWord(4n)}` }),
        frame({ from: bob, to: weth, input: selector.deposit, value: 6n }),
        frame({
          from: carol,
          to: weth,
          input: `${selector.withdraw}${toWord(2n)}`,
          calls: [frame({ from: weth, to: carol, value: 2n })],
        }),
      ],
    });
    const flow = assetFlowOf(tx, [], trace);
    expect(flow.source).toBe("calldata");
    expect(show(flow)).toEqual({
      [alice]: { [token]: -4n },
      [bob]: { native: -6n, [token]: -6n, [weth]: 6n },
      [carol]: { native: 2n, [token]: 10n, [weth]: -2n },
      [weth]: { native: 4n },
      [zeroAddress]: { [weth]: -4n },
    });
  });

  test("ASSET-02: a proxied token's delegated frame adds no second copy", () => {
    const call = frame({ from: bob, to: token, input: callTransfer(carol, 10n) });
    const proxied = {
      ...call,
      calls: [frame({ type: "DELEGATECALL", from: token, to: addr(0x99), input: call.input, value: 5n })],
    };
    expect(show(assetFlowOf(tx, [], frame({ from: alice, to: bob, calls: [proxied] })))).toEqual({
      [bob]: { [token]: -10n },
      [carol]: { [token]: 10n },
    });
  });
});

const anyFrameOf = (depth: number): fc.Arbitrary<CallFrame> =>
  fc
    .record({
      type: fc.constantFrom("CALL", "CALL", "DELEGATECALL", "STATICCALL", "CREATE", "SELFDESTRUCT" as const),
      from: fc.constantFrom(alice, bob, carol),
      to: fc.constantFrom(alice, bob, carol, token),
      value: fc.bigInt(0n, 100n),
      input: fc.oneof(
        fc.constantFrom<Hex>("0x", selector.deposit, "0xa9059cbb00"),
        fc.tuple(fc.constantFrom(alice, bob), fc.bigInt(0n, (1n << 256n) - 1n)).map(([a, n]) => callTransfer(a, n)),
      ),
      output: fc.constantFrom<Hex>("0x", `0x${toWord(1n)}`, `0x${toWord(0n)}`),
      failed: fc.nat(3).map((n) => n === 0),
      calls: depth === 0 ? fc.constant([]) : fc.array(anyFrameOf(depth - 1), { maxLength: 3 }),
    })
    .map(({ failed, ...f }) => ({ ...f, logs: [], ...(failed ? { error: "execution reverted" } : {}) }) as CallFrame);
const anyFrame = anyFrameOf(3);

const sumsToZero = (flow: AssetFlow) => {
  const sum = new Map<string, bigint>();
  for (const own of flow.net.values()) for (const [a, n] of own) sum.set(a, (sum.get(a) ?? 0n) + n);
  return [...sum.values()].every((n) => n === 0n);
};

test("ASSET-01: nothing below a reverted frame contributes", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 4 }), (calls) => {
      const trace = frame({
        from: alice,
        to: bob,
        calls: [frame({ from: bob, to: carol, error: "out of gas", calls })],
      });
      expect(assetFlowOf(tx, [], trace).net.size).toBe(0);
    }),
  );
});

test("ASSET-01: cutting reverted branches out of the tree changes nothing", () => {
  const prune = (f: CallFrame): CallFrame => ({ ...f, calls: f.calls.filter((c) => c.error === undefined).map(prune) });
  fc.assert(
    fc.property(anyFrame, (root) => {
      const alive = { ...root } as { error?: string } & CallFrame;
      delete (alive as { error?: string }).error;
      // `deposit` looks at its sub-calls, so a failed one may make it somebody's vault; compare without wrapping.
      const plain = (f: CallFrame): CallFrame => ({
        ...f,
        input: f.input === selector.deposit ? "0x" : f.input,
        calls: f.calls.map(plain),
      });
      const tree = plain(alive);
      expect(show(assetFlowOf(tx, [], tree))).toEqual(show(assetFlowOf(tx, [], prune(tree))));
    }),
  );
});

test("ASSET-03: every asset sums to zero over all addresses, minted and burned at the zero address", () => {
  fc.assert(fc.property(anyFrame, (root) => sumsToZero(assetFlowOf(tx, [], root))));
});

const anyHex = fc.uint8Array({ maxLength: 200 }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`);
const anyTopic = fc.oneof(
  fc.constantFrom(topicOf(alice), topicOf(bob), topicOf(0n), topicOf((1n << 256n) - 1n)),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`),
);
const hugeWords = fc
  .array(fc.oneof(fc.bigInt(0n, 300n), fc.constantFrom(0n, 32n, 64n, 96n, 1n << 255n, (1n << 256n) - 1n)), {
    maxLength: 9,
  })
  .map((w): Hex => `0x${w.map((n) => toWord(n)).join("")}`);

test("error: malformed logs never throw and always balance", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          address: fc.constantFrom(token, weth, alice),
          topics: fc
            .tuple(
              fc.constantFrom(
                topic.transfer,
                topic.transferSingle,
                topic.transferBatch,
                topic.deposit,
                topic.withdrawal,
              ),
              fc.array(anyTopic, { maxLength: 3 }),
            )
            .map(([first, rest]) => [first, ...rest]),
          data: fc.oneof(anyHex, hugeWords),
        }),
        { maxLength: 6 },
      ),
      fc.option(anyFrame, { nil: undefined }),
      (logs, trace) => {
        const flow = assetFlowOf(tx, logs, trace);
        expect(sumsToZero(flow)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test("a view computes its flow once", () => {
  const [view] = viewsOf({ txs: [{ logs: [transferLog(token, alice, bob, 1n)] }] });
  expect(view!.flow()).toBe(view!.flow());
});
