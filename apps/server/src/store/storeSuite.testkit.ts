import type { Hex } from "@testudo/core/model/Hex";
// The properties of the seam `Store`; every implementation runs them.
import type { Commit } from "@testudo/core/model/Output";
import { identify } from "@testudo/core/model/Record";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyCommits, CommitOrderError } from "./applyCommits.ts";
import { action, actionStatus, blockRef, chainOf, finding, findingStatus, notice } from "./chain.testkit.ts";
import { getRecord, listRecords } from "./listRecords.ts";
import { listActions, listFindings, listIncidents } from "./listViews.ts";
import { loadState, readHead, recentRefs } from "./loadState.ts";
import { markSent } from "./markSent.ts";
import { countOutbox, listDue, markRetry } from "./outbox.ts";
import { readFeed, readFeedHead } from "./readFeed.ts";
import { incident, simulation } from "./records.testkit.ts";
import type { Store } from "./Store.ts";
import { verifyStore } from "./verifyStore.ts";

/** Runs the suite on stores that `open` makes, each empty; the suite closes them. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a Store`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await verifyNothingWrong(store);
      await store.close();
    });
    const apply = (commits: readonly Commit[], channels: readonly string[] = ["terminal", "hook"]) =>
      applyCommits(store, commits, [], channels);

    test("STREAM-12: state, records, notices and cursor of a batch come back as they were", async () => {
      const chain = chainOf();
      await apply([chain.block(1), chain.block(2, 2), chain.block(8)]);
      const { cells, undo, cursor, head, commands } = await loadState(store);
      expect([...cells].sort()).toEqual([
        ["count", 8],
        ["window/1", { total: 8n * 10n ** 20n }],
        ["window/2", { total: 2n * 10n ** 20n }],
      ]);
      expect(undo.map((u) => u.ref)).toEqual([1, 2, 8].map((n) => blockRef(n)));
      expect({ cursor, sequence: head.sequence, commands }).toEqual({ cursor: blockRef(8), sequence: 2, commands: [] });
      expect((await listRecords(store)).map((r) => [r.evidenceSequence, r.record.kind])).toEqual([
        [1, "Finding"],
        [1, "FindingStatus"],
        [1, "Finding"],
        [1, "FindingStatus"],
      ]);
      expect((await getRecord(store, finding(2000).id))?.record).toEqual(finding(2000));
    });

    test("STREAM-12: a batch that fails leaves nothing", async () => {
      const chain = chainOf();
      const good = chain.block(1, 1);
      const bad = chain.link({ records: [finding(5)], undo: { popNewest: 9 } });
      await expect(apply([good, bad])).rejects.toThrow("takes back 9 blocks");
      expect(await readHead(store)).toMatchObject({ sequence: -1 });
      expect(await readFeedHead(store)).toBe(0);
      await apply([good]);
    });

    test("FIND-02: a repeated commit adds nothing", async () => {
      const chain = chainOf();
      const commits = [chain.block(1, 1), chain.block(2, 1)];
      const first = await apply(commits);
      const second = await apply([...commits, chain.block(3)]);
      expect([first.stored, first.ignored, second.stored, second.ignored]).toEqual([2, 0, 1, 2]);
      expect(await countOutbox(store)).toEqual({ pending: 4, sent: 0, skipped: 0, dead: 0 });
    });

    test("FIND-02: the same notice in two commits has one outbox row per channel", async () => {
      const chain = chainOf();
      const one = finding(1);
      await apply([chain.link({ notices: [notice(one)] })]);
      const again = await apply([chain.link({ notices: [notice(one), notice(one, "retracted")] })]);
      expect(again.entries.map((e) => e.kind)).toEqual(["Notice"]);
      expect(await countOutbox(store)).toMatchObject({ pending: 4 });
    });

    test("error: a gap, another chain and an unlinked record are refused", async () => {
      const chain = chainOf();
      await apply([chain.block(1)]);
      chain.block(2);
      await expect(apply([chain.block(3)])).rejects.toThrow(CommitOrderError);
      const other = chainOf({ sequence: 0, id: `0x${"11".repeat(32)}` });
      await expect(apply([other.block(2)])).rejects.toThrow(/head is 0x/);
      const right = chainOf(await readHead(store)).block(2, 1);
      await expect(apply([{ ...right, records: right.records.slice(1) }])).rejects.toThrow(
        /does not name its 1 records/,
      );
    });

    test("STREAM-01: undo entries are pushed, popped and dropped across and within batches", async () => {
      const chain = chainOf();
      const push = (n: number) => chain.link({ undo: { push: { ref: blockRef(n), before: [] } } });
      const refs = async () => (await recentRefs(store)).map((r) => Number(r.number));
      await apply([push(1), push(2), push(3)]);
      await apply([chain.link({ undo: { popNewest: 2 } }), push(12), push(13)]);
      expect(await refs()).toEqual([13, 12, 1]);
      await apply([push(14), chain.link({ undo: { dropOldest: 2 } }), chain.link({ undo: { popNewest: 1 } })]);
      expect(await refs()).toEqual([13]);
      await apply([push(14), chain.link({ undo: { dropOldest: 2 } }), push(15)]);
      expect(await refs()).toEqual([15]);
      await apply([chain.link({ undo: { popNewest: 1 } })]);
      await apply([push(21)]);
      expect(await recentRefs(store, 5)).toEqual([blockRef(21)]);
    });

    test("behavior: cells are removed, overwritten within a batch and keep every character of their key", async () => {
      const chain = chainOf();
      const odd = "a\0b\ud800'\"\\";
      await apply([
        chain.link({
          cells: [
            ["gone", 1],
            [odd, "x\0y"],
            ["twice", 1n],
          ],
        }),
        chain.link({ cells: [["twice", 2n]] }),
      ]);
      await apply([
        chain.link({
          cells: [
            ["gone", undefined],
            ["never", undefined],
          ],
        }),
      ]);
      expect((await loadState(store)).cells).toEqual(
        new Map<string, unknown>([
          [odd, "x\0y"],
          ["twice", 2n],
        ]),
      );
    });

    test("behavior: findings, incidents and actions are folded to where they stand", async () => {
      const chain = chainOf();
      const [a, b, plan] = [finding(1), finding(2), action("one")];
      await apply([
        chain.link({ records: [a, findingStatus(a), incident("x", "open", 0), b, findingStatus(b)] }),
        chain.link({
          records: [plan, actionStatus(plan, "proposed"), simulation(plan), actionStatus(plan, "simulated", 1)],
        }),
        chain.link({
          records: [findingStatus(a, "acknowledged", 1), incident("x", "mitigating", 1), incident("y", "open", 0)],
        }),
      ]);
      expect((await listFindings(store)).map((f) => [f.finding.id, f.status?.work])).toEqual([
        [b.id, "open"],
        [a.id, "acknowledged"],
      ]);
      expect((await listFindings(store, { states: ["acknowledged"] })).map((f) => f.finding.id)).toEqual([a.id]);
      expect((await listIncidents(store)).map((i) => i.incident.state)).toEqual(["open", "mitigating"]);
      expect((await listIncidents(store, { states: ["mitigating"] })).map((i) => i.incident.sequence)).toEqual([1]);
      const [view] = await listActions(store, { states: ["simulated"] });
      expect([view?.status?.state, view?.simulation?.passed, view?.history.length, view?.approvals]).toEqual([
        "simulated",
        true,
        2,
        [],
      ]);
      expect(await listActions(store, { states: ["proposed"] })).toEqual([]);
    });

    test("behavior: a command is kept until its effect has come back", async () => {
      const chain = chainOf();
      const plan = action("one");
      const kinds = async () => (await loadState(store)).commands.map((c) => c.kind).sort();
      const give = (commits: Commit[], ...commands: Parameters<typeof applyCommits>[2]) =>
        applyCommits(store, commits, commands, []);
      await give([chain.link({ records: [plan, actionStatus(plan, "proposed")] })], {
        kind: "simulate",
        action: plan,
        triggers: [],
        blocks: [],
      });
      expect((await loadState(store)).commands).toEqual([{ kind: "simulate", action: plan, triggers: [], blocks: [] }]);
      await give([chain.link({ records: [simulation(plan), actionStatus(plan, "simulated", 1)] })], {
        kind: "collect",
        action: plan,
      });
      expect(await kinds()).toEqual(["collect"]);
      await give([chain.link({ records: [actionStatus(plan, "approved", 2)] })], {
        kind: "send",
        action: plan,
        approvals: [],
      });
      expect(await kinds()).toEqual(["send"]);
      await give([chain.link({ records: [actionStatus(plan, "broadcast", 3)] })]);
      expect(await kinds()).toEqual(["send"]);
      await give([chain.link({ records: [actionStatus(plan, "included", 4)] })]);
      expect(await kinds()).toEqual([]);
    });

    test("LAB-22: a search for a rule is begun again after a restart, until what came of it is known", async () => {
      const chain = chainOf();
      const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
      const target: Hex = `0x${"aa".repeat(20)}`;
      const request = {
        ...{ id: hash("1"), incident: hash("2"), decision: hash("3"), playbook: "find", target, durationSeconds: 60 },
        ...{ anomaly: hash("4"), damage: hash("5"), attack: [hash("6")], blocks: [] },
      };
      const found = identify({
        ...{ kind: "Derivation" as const, from: [hash("3")], request: request.id, incident: request.incident, target },
        ...{ honest: { recorded: 0, senders: 0, seen: 0 }, tried: [], stages: [], note: "none" },
      });
      await applyCommits(store, [chain.link({ records: [] })], [{ kind: "derive", request }], []);
      expect((await loadState(store)).commands).toEqual([{ kind: "derive", request }]);
      await applyCommits(store, [chain.link({ records: [found] })], [], []);
      expect((await loadState(store)).commands).toEqual([]);
    });

    test("behavior: the feed gives records and notices in the order of their commits, from any point", async () => {
      const chain = chainOf();
      const first = await apply([chain.block(1, 1)]);
      const second = await apply([chain.block(2, 1)]);
      const all = await readFeed(store, 0);
      expect(all).toEqual([...first.entries, ...second.entries]);
      expect(all.map((e) => e.kind)).toEqual([
        "Finding",
        "FindingStatus",
        "Notice",
        "Finding",
        "FindingStatus",
        "Notice",
      ]);
      expect(await readFeed(store, all[2]!.seq, 2)).toEqual(all.slice(3, 5));
      expect(await readFeedHead(store)).toBe(all[5]!.seq);
    });

    test("FIND-04: within a channel's thread the older notice goes first", async () => {
      const chain = chainOf();
      const [a, b] = [finding(1), finding(2)];
      await apply([chain.link({ notices: [notice(a), notice(a, "retracted"), notice(b)] })], ["hook"]);
      const due = async () =>
        (await listDue(store, ["hook"], store.now())).map((r) => [r.notice.record, r.notice.transition]);
      expect(await due()).toEqual([
        [a.id, "raised"],
        [b.id, "raised"],
      ]);
      const [row] = await listDue(store, ["hook"], store.now());
      await markRetry(store, row!.id, "no \0answer", store.now() + 60_000);
      expect(await due()).toEqual([[b.id, "raised"]]);
      await markSent(store, row!.id);
      expect(await due()).toEqual([
        [a.id, "retracted"],
        [b.id, "raised"],
      ]);
    });
  });
}

/** Whatever a test did through the verbs, the store holds. */
async function verifyNothingWrong(store: Store): Promise<void> {
  expect((await verifyStore(store)).fault).toBeUndefined();
}
