import { expect, test } from "vitest";
import type { BlockBundle } from "../model/BlockBundle.ts";
import type { StreamTrouble } from "../model/ChainEvent.ts";
import { blockOn, both, feeder } from "../pipeline.testkit.ts";
import { readStanding } from "../pipeline.ts";
import { openTroubles } from "./endTroubles.ts";

const down: StreamTrouble = { kind: "trouble", trouble: "endpoint-down", endpoint: "node", message: "node is away" };
const up: StreamTrouble = { ...down, trouble: "recovered", over: "endpoint-down", message: "node answers again" };

/** A pipeline at a head, the first of its hour, which `after` seconds by the chain goes on. */
function openWatch() {
  const f = feeder(both);
  const first = blockOn(null);
  let head: BlockBundle = { ...first, ref: { ...first.ref, timestamp: 3_600_000n } };
  const refs = [head.ref];
  f.live(head);
  const after = (seconds: bigint) => {
    const next = blockOn(head.ref);
    head = { ...next, ref: { ...next.ref, timestamp: head.ref.timestamp + seconds } };
    refs.push(head.ref);
    f.live(head);
  };
  const reorg = (orphaned: number) => {
    const ancestor = refs.at(-1 - orphaned)!;
    f.feed({ kind: "reorg", ancestor, orphaned: refs.splice(-orphaned) });
    head = { ...head, ref: ancestor };
  };
  const told = () => f.notices().flatMap((n) => (n.title === "node is away" ? [n.transition] : []));
  return { f, after, reorg, told };
}

test("SELF-01: a trouble that is over for five minutes is settled, and told anew where it begins again within the hour", () => {
  const { f, after, told } = openWatch();
  f.feed(down);
  f.feed(up);
  after(299n);
  expect(told()).toEqual(["raised"]);
  after(1n);
  expect(told()).toEqual(["raised", "resolved"]);
  const [status] = f.records().filter((r) => r.kind === "FindingStatus" && r.transition === "resolved");
  expect(status).toMatchObject({ actor: "testudo", note: "node answers again", resolution: "true-positive" });
  f.feed(down);
  expect(told()).toEqual(["raised", "resolved", "raised"]);
  f.feed(up);
  after(300n);
  expect(told()).toEqual(["raised", "resolved", "raised", "resolved"]);
});

test("SELF-01: what comes and goes within five minutes is one trouble", () => {
  const { f, after, told } = openWatch();
  for (let i = 0; i < 4; i++) {
    f.feed(down);
    f.feed(up);
    after(200n);
  }
  expect(told()).toEqual(["raised"]);
  after(100n);
  expect(told()).toEqual(["raised", "resolved"]);
});

test("SELF-01: what lasts, or is never said to be over, stays open from hour to hour", () => {
  const { f, after, told } = openWatch();
  for (let i = 0; i < 3; i++) {
    f.feed(down);
    after(3_600n);
  }
  expect(told()).toEqual(["raised", "raised", "raised"]);
});

test("SELF-01: in another hour it is told anew, and the one before is settled with it", () => {
  const { f, after, told } = openWatch();
  f.feed(down);
  after(7_000n);
  f.feed(up);
  f.feed(down);
  expect(told()).toEqual(["raised", "resolved", "raised"]);
});

test("SELF-01: an end that a person has set stands, and what was never told has none", () => {
  const { f, after, told } = openWatch();
  f.feed(up);
  f.feed(down);
  const [finding] = f.records().filter((r) => r.kind === "Finding");
  f.feed({ kind: "resolve", finding: finding!.id, actor: "ann", note: "known", resolution: "benign" } as never);
  f.feed(up);
  after(300n);
  expect(told().filter((t) => t === "resolved")).toHaveLength(1);
  const resolved = f.records().filter((r) => r.kind === "FindingStatus" && r.transition === "resolved");
  expect(resolved).toMatchObject([{ actor: "ann", resolution: "benign" }]);
});

test("SELF-01: what lasted for hours is settled with all that was told of it", () => {
  const { f, after, told } = openWatch();
  for (let i = 0; i < 3; i++) {
    f.feed(down);
    after(3_600n);
  }
  f.feed(up);
  after(300n);
  expect(told()).toEqual(["raised", "raised", "raised", "resolved", "resolved", "resolved"]);
  const settled = f.records().flatMap((r) => (r.kind === "FindingStatus" && r.work === "resolved" ? [r.finding] : []));
  expect(new Set(settled).size).toBe(3);
});

test("SELF-01: what says that it is over again does not begin to be quiet anew", () => {
  const { f, after, told } = openWatch();
  f.feed(down);
  for (let i = 0; i < 3; i++) {
    f.feed(up);
    after(100n);
  }
  expect(told()).toEqual(["raised", "resolved"]);
});

test("SELF-01: whoever is well again, whatever it was, has all that passes settled", () => {
  const { f, after, told } = openWatch();
  f.feed(down, { ...down, trouble: "state-unread" });
  const { over: _, ...well } = up as StreamTrouble & { over: unknown };
  f.feed(well);
  after(300n);
  expect(told()).toEqual(["raised", "raised", "resolved", "resolved"]);
});

test("SELF-01: what may have been an attack's is a person's to settle, though it is over", () => {
  for (const trouble of [
    "endpoint-disagrees",
    "flag-on",
    "config-edited",
    "deployment-drift",
    "branch-finding",
  ] as const)
    for (const over of [{ over: trouble }, {}]) {
      const { f, after, told } = openWatch();
      f.feed({ ...down, trouble });
      f.feed({ kind: "trouble", trouble: "recovered", endpoint: "node", message: "well", ...over });
      after(3_000n);
      expect(told(), trouble).toEqual(["raised"]);
    }
});

test("SELF-01: an edit that is refused for another reason is a finding of its own, and for the same reason again none", () => {
  for (const trouble of ["rules-refused", "config-edited"] as const) {
    const { f } = openWatch();
    const messages = ["a.ts:1 does not parse", "a.ts:1 does not parse", "a.ts:2 loops", "a.ts:1 does not parse"];
    for (const message of messages) f.feed({ kind: "trouble", trouble, endpoint: "rules", message });
    const told = f.notices().filter(({ topic }) => topic === "health");
    expect(told.map(({ title, transition }) => `${transition} ${title}`)).toEqual([
      "raised a.ts:1 does not parse",
      "raised a.ts:2 loops",
    ]);
    expect(new Set(told.map(({ thread }) => thread)).size).toBe(2);
  }
});

test("SELF-01: what a node does again, in other words, is the trouble that it was", () => {
  const { f, told } = openWatch();
  f.feed(down, { ...down, message: "node is away again" });
  expect(told()).toEqual(["raised"]);
  expect(f.notices()).toHaveLength(1);
});

test("SELF-01: a notice that was given up reaches nobody by itself: that it was is a person's to settle, over a new start too", () => {
  const { f, after, told } = openWatch();
  f.feed({ ...down, trouble: "dead-letter", endpoint: "channel ops" });
  expect(openTroubles(f.state.cells)).toEqual([]);
  f.feed({ kind: "trouble", trouble: "recovered", endpoint: "channel ops", message: "well" });
  after(3_000n);
  expect(told()).toEqual(["raised"]);
});

test("SELF-01: a reorg takes back no trouble of ours, while it lasts or waits to be settled", () => {
  const { f, after, reorg, told } = openWatch();
  after(2n);
  f.feed(down, { ...down, trouble: "endpoint-disagrees" });
  reorg(1);
  expect(told()).toEqual(["raised", "raised"]);
  after(4n);
  f.feed(up);
  reorg(1);
  after(302n);
  expect(told()).toEqual(["raised", "raised"]);
  after(2n);
  expect(told()).toEqual(["raised", "raised", "resolved"]);
});

test("SELF-01: what was told and is not over is found in the cells that are stored", () => {
  const { f, after } = openWatch();
  const lagging = { ...down, trouble: "endpoint-lags", endpoint: "http://other node" } as const;
  f.feed(down);
  f.feed(lagging);
  expect(openTroubles(f.state.cells)).toEqual([
    { trouble: "endpoint-down", source: "node" },
    { trouble: "endpoint-lags", source: "http://other node" },
  ]);
  f.feed(up);
  expect(openTroubles(f.state.cells)).toEqual([{ trouble: "endpoint-lags", source: "http://other node" }]);
  after(300n);
  expect(openTroubles(f.state.cells)).toEqual([{ trouble: "endpoint-lags", source: "http://other node" }]);
});

test("SELF-01: what is quiet rests actions and is on record, tells nobody, and is told as new once it is said aloud", () => {
  const { f, after } = openWatch();
  const lag: StreamTrouble = { kind: "trouble", trouble: "block-lag", message: "9 behind", freeze: true };
  f.feed({ ...lag, quiet: true });
  expect(f.notices()).toEqual([]);
  expect(f.records().flatMap((r) => (r.kind === "Finding" ? [[r.severity, r.reason]] : []))).toEqual([
    ["info", "9 behind"],
  ]);
  expect(f.records().flatMap((r) => (r.kind === "Remark" ? [r.text] : []))).toEqual(["block-lag: 9 behind"]);
  expect(readStanding(f.state).frozen).toEqual({ stream: "9 behind" });
  f.feed(lag);
  expect(f.notices().map(({ transition, severity }) => [transition, severity])).toEqual([["raised", "high"]]);
  f.feed({ ...lag, trouble: "recovered", over: "block-lag", freeze: false });
  after(300n);
  expect(f.notices().map(({ transition }) => transition)).toEqual(["raised", "resolved"]);
  expect(f.records().filter((r) => r.kind === "FindingStatus" && r.transition === "resolved")).toHaveLength(2);
});

test("SELF-01: what was quiet all the while ends as quietly", () => {
  const { f, after } = openWatch();
  const lags: StreamTrouble = { ...down, trouble: "endpoint-lags", message: "3 behind", quiet: true };
  f.feed(down);
  f.feed(lags);
  f.feed(up);
  f.feed({ ...up, over: "endpoint-lags" });
  after(300n);
  expect(f.notices().map(({ title, transition }) => `${title} ${transition}`)).toEqual([
    "node is away raised",
    "node is away resolved",
  ]);
});
