import type { BlockBundle, CallFrame, Log } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { addr, topicOf } from "@testudo/core/model/detectorCase.testkit";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { openState, type PipelineState, step } from "@testudo/core/pipeline";
import fc from "fast-check";
import { AbiEvent, AbiFunction } from "ox";
import { describe, expect, test } from "vitest";
import { readRules } from "./readRules.ts";

const [vault, market, outside] = [addr(0xa1), addr(0xa2), addr(0xa3)];
const events = ["event Withdraw(address indexed user, uint256 amount)", "event Paid(uint256 amount)"];
const calls = ["function take(uint256 amount)", "function stop()"];
const places = [undefined, vault, `[${vault}, ${market}]`, "any"];

// Every kind of match at every kind of place; what they say hangs on what is in the block, and some of it on blocks before.
const text = `defaults: { severity: high, owner: risk, runbook: RUNBOOK.md }
rules:
${places
  .flatMap((place, i) => {
    const rule = (name: string, ...lines: string[]) =>
      [`  - id: ${name}-${i}`, ...(place === undefined ? [] : [`address: ${quoted(place)}`]), ...lines].join("\n    ");
    return [
      rule("event", `event: ${events[0]}`, "where: amount > 1"),
      rule("sum", `event: ${events[1]}`, "window: { over: 1h, sum: amount, when: sum > 2 }"),
      rule("call", `call: ${calls[0]}`),
      rule("entry", `entry: ${calls[1]}`),
      rule("any", `any: [{ event: '${events[1]}' }, { call: '${calls[1]}' }]`),
      rule("party", "tx: { where: value > 1 }"),
    ];
  })
  .join("\n")}
`;

function quoted(place: string): string {
  return place.startsWith("0x") ? `"${place}"` : place;
}

const place = fc.constantFrom(vault, market, outside);
const amount = fc.bigInt(0n, 3n);
const txOf = fc.record({
  from: place,
  to: place,
  value: amount,
  input: fc.constantFrom(
    "0x" as Hex,
    AbiFunction.encodeData(AbiFunction.from(calls[0]!) as never, [2n] as never),
    AbiFunction.getSelector(AbiFunction.from(calls[1]!) as never),
  ),
  logs: fc.array(fc.record({ address: place, event: fc.constantFrom(0, 1), amount }), { maxLength: 2 }),
  inner: fc.option(fc.record({ to: place, type: fc.constantFrom("CALL" as const, "DELEGATECALL" as const) })),
  failed: fc.boolean(),
});
type AnyTx = Parameters<Parameters<typeof txOf.map>[0]>[0];

function bundleOf(txs: readonly AnyTx[], number: number, withTraces: boolean): BlockBundle {
  const ref = {
    number: BigInt(number),
    hash: topicOf(BigInt(number)),
    parentHash: topicOf(BigInt(number - 1)),
    timestamp: BigInt(1_000 + number * 12),
  };
  const logs = txs.flatMap(({ logs: own }, txIndex) => own.map((log) => ({ ...logOf(log), txIndex })));
  return {
    ref,
    txs: txs.map(({ from, to, value, input }, index) => ({
      hash: topicOf(BigInt(number * 1_000 + index)),
      index,
      from,
      to,
      value,
      input,
      nonce: index,
    })),
    logs: logs.map((log, index) => ({ ...log, index })),
    ...(withTraces ? { traces: txs.map(traceOf) } : {}),
    has: withTraces ? ["X", "L", "T"] : ["X", "L"],
    sources: [],
  };
}

function logOf({ address, event, amount: value }: AnyTx["logs"][number]): Pick<Log, "address" | "topics" | "data"> {
  const item = AbiEvent.from(events[event]!) as AbiEvent.AbiEvent;
  const user = event === 0 ? [topicOf(addr(7))] : [];
  return { address, topics: [AbiEvent.getSelector(item), ...user], data: `0x${toWord(value)}` };
}

function traceOf({ from, to, value, input, inner, failed }: AnyTx): CallFrame {
  const end = { value: 0n, output: "0x", calls: [], logs: [] } as const;
  return {
    ...end,
    type: "CALL",
    from,
    to,
    value,
    input,
    ...(failed ? { error: "execution reverted" } : {}),
    calls: inner === null ? [] : [{ ...end, type: inner.type, from: to, to: inner.to, input }],
  };
}

describe("rules that are looked up by what a block holds", () => {
  const rules = readRules("testudo.rules.yaml", text);

  test("DET-08: each names what wakes it", () => {
    expect(rules.length).toBe(24);
    expect(rules.filter(({ triggers }) => triggers === undefined)).toEqual([]);
  });

  test("BENCH-05: they say and remember to the byte what they say when each of them is run on every block", () => {
    const kinds = new Set<string>();
    const awake = rules.map(({ triggers: _, ...use }): DetectorUse => use);
    const block = fc.record({ txs: fc.array(txOf, { maxLength: 3 }), withTraces: fc.boolean() });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (blocks) => {
        const [some, all] = [runOn(rules, blocks), runOn(awake, blocks)];
        expect(some).toEqual(all);
        for (const { detector } of some.findings) kinds.add(detector.replace(/-\d$/, ""));
      }),
      { numRuns: 100 },
    );
    expect([...kinds].sort()).toEqual(["any", "call", "entry", "event", "party", "self-health", "sum"]);
  });
});

function runOn(detectors: readonly DetectorUse[], blocks: readonly { txs: AnyTx[]; withTraces: boolean }[]) {
  const watched: Address[] = [vault];
  const program = { chainId: 1, watched, detectors, playbooks: [], policy: null };
  let state: PipelineState = openState();
  const ids: Hex[] = [];
  const findings: { readonly detector: string }[] = [];
  blocks.forEach(({ txs, withTraces }, i) => {
    const bundle = bundleOf(txs, i + 1, withTraces);
    const stepped = step(program, state, { kind: "block", bundle, phase: "live", receivedAtMs: 0 });
    state = stepped.state;
    for (const output of stepped.outputs) {
      if (output.kind !== "commit") continue;
      ids.push(output.evidence.id);
      for (const record of output.records) if (record.kind === "Finding") findings.push(record);
    }
  });
  return { ids, findings, cells: [...state.cells].sort(([a], [b]) => (a < b ? -1 : 1)) };
}
