import { expect, test } from "vitest";
import { openGate } from "../governance/gate.ts";
import { hashOf, isIntact } from "../model/Record.ts";
import { isVerified, type ReportDraft } from "../model/Report.ts";
import { blockOn, both, detectorOf, draftOf, feeder, onMark, programOf, vault } from "../pipeline.testkit.ts";

const ether = 10n ** 18n;
const armed = { kind: "mode", mode: "armed", actor: "test", reason: "test" } as const;
const verified: ReportDraft = {
  source: "adversary",
  chainId: 31_337,
  subject: vault,
  title: "a round trip through the pool moves the share price",
  objective: "gain",
  gainWad: 12n * ether,
  costWad: ether / 2n,
  unit: "ETH",
  capsule: hashOf("capsule"),
  engine: { name: "EDR", ok: true },
  forkBlock: { number: 90n, hash: hashOf("block 90") },
};
const unverified: ReportDraft = { ...verified, engine: { name: "EDR", ok: false } };
const report = (change: Partial<ReportDraft> = {}) => ({ kind: "report", report: { ...verified, ...change } }) as const;

function watching(program = programOf([])): ReturnType<typeof feeder> {
  const f = feeder(program);
  f.feed(armed);
  f.live(blockOn(null));
  return f;
}

const kinds = (f: ReturnType<typeof feeder>) => f.commits.at(-1)!.records.map(({ kind }) => kind);
const findings = (f: ReturnType<typeof feeder>) => f.records().filter((r) => r.kind === "Finding");
const actions = (f: ReturnType<typeof feeder>) => f.records().filter((r) => r.kind === "Action");

test("LAB-32: a report that another engine confirmed is a record, a critical finding that rests on it, an incident and a notice", () => {
  const f = watching();
  f.feed(report());
  expect(kinds(f)).toEqual(["Report", "Finding", "FindingStatus", "Incident", "Decision"]);
  const [record] = f.records().filter((r) => r.kind === "Report");
  expect(isIntact(record!)).toBe(true);
  expect(record).toMatchObject({ ...verified, from: [verified.forkBlock.hash] });
  expect(findings(f)).toMatchObject([
    {
      detector: "adversary",
      class: "vulnerability",
      severity: "critical",
      subject: vault,
      reason:
        "Could be attacked, and has not been: a round trip through the pool moves the share price (gain 12 ETH, cost 0.5 ETH, on a copy of block 90, confirmed by EDR)",
      evidence: { report: record!.id, capsule: verified.capsule },
    },
  ]);
  expect(findings(f)[0]!.from).toContain(record!.id);
  expect(f.notices()).toMatchObject([{ topic: "finding", transition: "raised", severity: "critical" }]);
  expect(f.records().at(-1)).toMatchObject({ kind: "Decision", outcome: "alert-only" });
});

test("LAB-32: a report that no other engine confirmed is a record and an info finding: no incident, no notice", () => {
  for (const engine of [
    { name: "EDR", ok: false },
    { name: "testudo", ok: true },
  ]) {
    const f = watching();
    f.feed(report({ engine }));
    expect(kinds(f)).toEqual(["Report", "Finding", "FindingStatus"]);
    expect(findings(f)).toMatchObject([
      { severity: "info", reason: expect.stringMatching(/^A report that no other engine confirms: a round trip/) },
    ]);
    expect(f.notices()).toEqual([]);
  }
});

test("LAB-32: the same report twice is one, also when it is sealed anew or confirmed by one more engine", () => {
  const f = watching();
  f.feed(report());
  const before = f.records().length;
  f.feed(report(), report({ sealed: "anew" }), report({ engine: { name: "anvil", ok: true } }), report(unverified));
  expect(f.records()).toHaveLength(before);
  f.feed(report({ capsule: hashOf("another") }));
  expect(findings(f)).toHaveLength(2);
  expect(new Set(f.records().flatMap((r) => (r.kind === "Incident" ? [r.incident] : []))).size).toBe(1);
});

test("LAB-32: a report that is confirmed later is told then, as the same one", () => {
  const f = watching();
  f.feed(report(unverified), report());
  const records = f.records().filter((r) => r.kind === "Report");
  expect(new Set(records.map((r) => r.report)).size).toBe(1);
  expect(records).toHaveLength(2);
  expect(findings(f).map(({ severity }) => severity)).toEqual(["info", "critical"]);
  expect(f.notices()).toHaveLength(1);
});

test("LAB-32: numbers make a report severe: gain above cost critical, a broken figure high, an attack at a loss medium", () => {
  const severityOf = (change: Partial<ReportDraft>) => {
    const f = watching();
    f.feed(report(change));
    return findings(f)[0]!.severity;
  };
  expect(severityOf({ gainWad: 1n, costWad: 0n })).toBe("critical");
  expect(severityOf({ gainWad: 1n, costWad: 1n })).toBe("medium");
  expect(severityOf({ objective: "figure", gainWad: 0n, costWad: ether })).toBe("high");
});

test("GATE-01: on a report no playbook acts, neither alone nor beside an anomaly or damage of the same block", () => {
  for (const cls of ["anomaly", "damage"] as const) {
    const f = watching(programOf([onMark("seen", cls, "attack")]));
    const head = f.records().length;
    f.feed(report());
    f.live(blockOn(blockOn(null).ref, "a", ["attack"]));
    f.feed(report({ capsule: hashOf("another") }));
    expect(f.records().length).toBeGreaterThan(head);
    expect(findings(f).map((one) => one.class)).toEqual(["vulnerability", cls, "vulnerability"]);
    expect(actions(f)).toEqual([]);
    expect(openGate(findings(f), "info")).toBeUndefined();
  }
});

test("GATE-01: a report does not make an attack's incident severe enough for a playbook: it has one of its own", () => {
  const mild = (id: string, cls: "anomaly" | "damage") =>
    detectorOf(id, cls, (c) => {
      if (c.txs.length > 0) c.finding(draftOf({ severity: "high", key: [id] }));
    });
  const f = watching(programOf([mild("odd", "anomaly"), mild("harm", "damage")]));
  f.feed(report());
  const second = blockOn(blockOn(null).ref, "a", ["attack"]);
  f.live(second);
  f.feed(report({ capsule: hashOf("another") }));
  const incidents = new Map(f.records().flatMap((r) => (r.kind === "Incident" ? [[r.incident, r] as const] : [])));
  expect([...incidents.values()].map(({ severity, findings: ids }) => [severity, ids.length])).toEqual([
    ["critical", 2],
    ["high", 2],
  ]);
  expect(actions(f)).toEqual([]);
});

test("GATE-01: an attack is acted on with a report open as without one", () => {
  const run = (withReport: boolean) => {
    const f = watching(both);
    if (withReport) f.feed(report());
    f.live(blockOn(blockOn(null).ref, "a", ["attack"]));
    return actions(f);
  };
  expect(run(false)).toHaveLength(1);
  expect(run(true)).toEqual(run(false));
});

test("behavior: a reorg of the block at which a report was told does not take it back", () => {
  const f = watching();
  const head = blockOn(null);
  f.feed(report());
  const other = blockOn(null, "b");
  f.feed({ kind: "reorg", ancestor: { ...other.ref, number: 99n, hash: other.ref.parentHash }, orphaned: [head.ref] });
  f.live(other);
  expect(f.records().filter((r) => r.kind === "FindingStatus")).toMatchObject([{ chain: "confirmed", work: "open" }]);
  f.feed(report());
  expect(findings(f)).toHaveLength(1);
});

test("behavior: before the first block no report is taken, and it is not forgotten that it was not", () => {
  const f = feeder(programOf([]));
  f.feed(report());
  expect(f.records()).toEqual([]);
  f.live(blockOn(null));
  f.feed(report());
  expect(findings(f)).toHaveLength(1);
});

test("behavior: a person settles a report's finding, and its incident ends", () => {
  const f = watching();
  f.feed(report());
  const [finding] = findings(f);
  f.feed({ kind: "resolve", finding: finding!.id, resolution: "true-positive", actor: "ann", note: "patched" });
  f.live(blockOn(blockOn(null).ref));
  expect(
    f
      .records()
      .filter((r) => r.kind === "Incident")
      .at(-1),
  ).toMatchObject({ state: "resolved" });
});

test("LAB-32: our own engine and one that nobody knows confirm nothing, nor does another one that came to something else", () => {
  const names = ["anvil", "EDR", "edr", "ethereumjs", "testudo", "@testudo/evm", "edr2", ""];
  const confirming = (ok: boolean) => names.filter((name) => isVerified({ engine: { name, ok } }));
  expect(confirming(true)).toEqual(["anvil", "EDR", "edr", "ethereumjs"]);
  expect(confirming(false)).toEqual([]);
});
