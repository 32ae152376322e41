import fc from "fast-check";
import { expect, test } from "vitest";
import { benignLogs } from "../model/benignFrames.testkit.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, type CaseLog, runDetector, topicOf, word } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { eventTopic } from "../model/signatureHash.ts";
import { adminEvents } from "../signs/AdminEvent.ts";
import { detectAdminChange } from "./detectAdminChange.ts";

const [vault, user, timelock] = [addr(0x1001), addr(0xbad), addr(0x71)];
const use = useDetector(detectAdminChange);
const hashOf = (text: string) => [...adminEvents].find(([, t]) => t.startsWith(text))![0] as Hex;
const event = (text: string, data: Hex = "0x", address = vault): CaseLog => ({
  address,
  topics: [hashOf(text), topicOf(user)],
  data,
});
const live: NonNullable<CaseBlock["state"]> = (r) =>
  r.kind === "code" ? { ok: true, value: "0x60" } : r.kind === "slot" ? word(0n) : undefined;
const run = (logs: readonly CaseLog[], state = live, u = use) =>
  runDetector(u, [vault], [{ txs: [{ from: user, to: vault, logs }], state }])[0]!;
const severities = (logs: readonly CaseLog[], state = live) => run(logs, state).map((f) => f.severity);

test("initialise, then upgrade, on a live proxy is critical; upgrade, then initialise, is an upgrade", () => {
  expect(severities([event("Initialized(uint8)", `0x${toWord(1n)}`), event("Upgraded")])).toEqual(["critical"]);
  expect(severities([event("OwnershipTransferred"), event("Initialized(uint64)")])).toEqual(["critical"]);
  expect(severities([event("Initialized(uint8)")])).toEqual(["high"]);
  expect(severities([event("Upgraded"), event("Initialized(uint8)")])).toEqual(["high"]);
});

test("a contract that is set up in its own creation raises nothing", () => {
  expect(
    severities([event("OwnershipTransferred"), event("Initialized(uint8)")], (r) =>
      r.kind === "code" ? { ok: true, value: "0x" } : live(r),
    ),
  ).toEqual([]);
});

test("a delay that is lowered is high, one that is raised nothing; governors count", () => {
  const delay = (before: bigint, after: bigint, address = vault) =>
    event("MinDelayChange", `0x${toWord(before)}${toWord(after)}`, address);
  expect(severities([delay(100n, 10n)])).toEqual(["high"]);
  expect(severities([delay(10n, 100n)])).toEqual([]);
  expect(severities([delay(100n, 10n, timelock)])).toEqual([]);
  expect(
    run([delay(100n, 10n, timelock)], live, useDetector(detectAdminChange, { governors: [timelock] })),
  ).toMatchObject([{ subject: vault, addresses: [timelock, user] }]);
});

test("CAT-01: another source of prices, or another bound on them, is medium (Moonwell, CAPO)", () => {
  const of = (text: string): CaseLog => ({ address: vault, topics: [eventTopic(text)], data: "0x" });
  const feed = of("FeedSet(address,string)");
  expect(severities([feed])).toEqual(["medium"]);
  expect(severities([of("CapParametersUpdated(uint256,uint256,uint256,uint16)")])).toEqual(["medium"]);
  expect(severities([feed, event("Upgraded")])).toEqual(["high"]);
});

test("events of other contracts raise nothing", () => {
  expect(severities([event("Upgraded", "0x", addr(0x99))])).toEqual([]);
});

test("an upgrade of the beacon of a protected beacon proxy is the proxy's, of any other contract nothing", () => {
  const [beacon, other] = [addr(0xbea), addr(0x0e)];
  const behind: NonNullable<CaseBlock["state"]> = (r) =>
    r.kind === "slot" ? word(r.slot.startsWith("0xa3f0") && r.address === vault ? beacon : 0n) : live(r);
  const upgrade = (by: Address): CaseBlock => ({
    txs: [{ from: user, to: by, logs: [event("Upgraded", "0x", by)] }],
    state: behind,
  });
  const told = (...blocks: CaseBlock[]) => runDetector(use, [other, vault], blocks).at(-1);
  expect(told(upgrade(beacon))).toMatchObject([{ severity: "high", subject: vault, addresses: [beacon, user] }]);
  expect(told(upgrade(addr(0x99)))).toEqual([]);
  // A beacon that was put in its place while we watched counts as well; without state none is known.
  const moved = { txs: [{ from: user, to: vault, logs: [] }], state: behind };
  expect(told(moved, upgrade(beacon))).toMatchObject([{ subject: vault }]);
  expect(told({ ...upgrade(beacon), has: ["L", "X"] })).toEqual([]);
});

test("the beacon slot is read at most once, and only when another contract tells of a change", () => {
  const asked: string[] = [];
  const watch = (logs: readonly CaseLog[]): CaseBlock => ({
    txs: [{ from: user, to: addr(0x99), logs }],
    state: (r) => {
      asked.push(r.kind);
      return live(r);
    },
  });
  const foreign = watch([event("Upgraded", "0x", addr(0x99))]);
  runDetector(use, [vault], [watch([]), foreign, foreign]);
  expect(asked).toEqual(["slot"]);
});

test("a slot that moved without an event is told, one with its event is told once", () => {
  const moved: NonNullable<CaseBlock["state"]> = (r) =>
    r.kind === "slot" && r.slot.startsWith("0x3608") ? word(r.at === "parent" ? 1n : 2n) : live(r);
  expect(run([], moved)).toMatchObject([{ severity: "high", evidence: { slot: "implementation" } }]);
  expect(run([event("Upgraded")], moved)).toHaveLength(1);
  expect(runDetector(use, [vault], [{ txs: [{ from: user, to: addr(0x5), logs: [] }], state: moved }])[0]).toEqual([]);
});

test("a slot that moved in a block without a touch is told at the next touch, and only once", () => {
  const at = (value: bigint): CaseBlock => ({
    txs: [{ from: user, to: vault, logs: [] }],
    state: (r) => (r.kind === "slot" ? word(value) : live(r)),
  });
  const idle: CaseBlock = { txs: [{ from: user, to: addr(0x5), logs: [] }] };
  expect(runDetector(use, [vault], [at(1n), idle, at(2n), at(2n)]).map((f) => f.length)).toEqual([0, 0, 4, 0]);
});

test("never throws on malformed admin events, and says nothing of events that are not its own", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: fc.constantFrom(...adminEvents.values()),
          data: fc.uint8Array({ maxLength: 70 }),
          own: fc.boolean(),
        }),
        { maxLength: 5 },
      ),
      (events) => {
        const logs = events.map((e) =>
          event(e.text, `0x${Buffer.from(e.data).toString("hex")}`, e.own ? vault : addr(0x99)),
        );
        expect(run(logs).length).toBeLessThanOrEqual(events.some((e) => e.own) ? 1 : 0);
      },
    ),
  );
});

test("any change of control at any place in a block is told once, with its transaction, and the rest of the block is not", () => {
  const changes = [...adminEvents.values()].filter((text) => !text.startsWith("MinDelay"));
  const others = fc.array(
    benignLogs.map((logs) => ({ from: addr(0x57), to: addr(0x58), logs })),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...changes), others, others, benignLogs, (text, before, after, noise) => {
      const change = { from: user, to: vault, logs: [...noise, event(text), ...noise] };
      const [found] = runDetector(use, [vault], [{ txs: [...before, change, ...after], state: live }]);
      expect(found).toMatchObject([
        { severity: "high", subject: vault, txHash: topicOf(BigInt(100_000 + before.length)) },
      ]);
      expect(runDetector(use, [vault], [{ txs: [...before, ...after], state: live }])[0]).toEqual([]);
    }),
  );
});

test("any slot that moves from anything to anything else is told, and one that stands still is not", () => {
  const value = fc.bigInt(0n, (1n << 160n) - 1n);
  fc.assert(
    fc.property(
      value,
      value,
      fc.constantFrom("implementation", "admin", "beacon", "proxiable"),
      (before, after, name) => {
        const start = { implementation: "0x3608", admin: "0xb531", beacon: "0xa3f0", proxiable: "0xc5f1" }[name]!;
        const moved: NonNullable<CaseBlock["state"]> = (r) =>
          r.kind === "slot" && r.slot.startsWith(start) ? word(r.at === "parent" ? before : after) : live(r);
        expect(run([], moved).map((f) => f.evidence.slot)).toEqual(before === after ? [] : [name]);
      },
    ),
  );
});

test("DET-04: an event of an upgrade explains the slot of EIP-1822 as that of EIP-1967", () => {
  const moved: NonNullable<CaseBlock["state"]> = (r) =>
    r.kind === "slot" && r.slot.startsWith("0xc5f1") ? word(r.at === "parent" ? 1n : 2n) : live(r);
  expect(run([], moved)).toMatchObject([{ severity: "high", evidence: { slot: "proxiable" } }]);
  expect(run([event("Upgraded")], moved)).toMatchObject([{ evidence: { events: [{}] } }]);
});

test("DET-04: a known beacon whose pointer moves without its event is told for its proxy, and once", () => {
  const [beacon, codes] = [addr(0xbea), { old: 7n, next: 8n }];
  const at = (before: bigint, after: bigint): NonNullable<CaseBlock["state"]> => {
    return (r) => {
      if (r.kind === "slot") return word(r.slot.startsWith("0xa3f0") ? beacon : 0n);
      return r.kind === "call" && r.to === beacon ? word(r.at === "parent" ? before : after) : live(r);
    };
  };
  const known: CaseBlock = { txs: [{ from: user, to: vault }], state: at(codes.old, codes.old) };
  const touch = (before: bigint, after: bigint, logs: readonly CaseLog[] = []): CaseBlock => ({
    txs: [{ from: user, to: beacon, logs }],
    state: at(before, after),
  });
  const told = runDetector(use, [vault], [known, touch(codes.old, codes.next), touch(codes.next, codes.next)]);
  expect(told.map((found) => found.length)).toEqual([0, 1, 0]);
  expect(told[1]).toMatchObject([
    { severity: "high", subject: vault, addresses: [beacon, user], evidence: { slot: "beacon's implementation" } },
  ]);
  const evented = [known, touch(codes.old, codes.next, [event("Upgraded", "0x", beacon)])];
  expect(runDetector(use, [vault], evented)[1]).toMatchObject([{ evidence: { events: [{}] } }]);
  // Not known before its proxy was touched, and no beacon of another contract's.
  expect(runDetector(use, [vault], [touch(codes.old, codes.next)])[0]).toEqual([]);
});

test("DET-04: a governor whose code a delegation changes is told, one whose delegation did not come into force is not", () => {
  const [owner, thief, other] = [addr(0x0e), addr(0x7f), addr(0x0f)];
  const governed = useDetector(detectAdminChange, { governors: [owner] });
  const code = (to: Address): Hex => `0xef0100${to.slice(2)}`;
  const signed = (authority: Address, state: CaseBlock["state"], has?: CaseBlock["has"]) =>
    runDetector(
      governed,
      [vault],
      [
        {
          txs: [{ from: user, to: user, delegations: [{ authority, to: thief }] }],
          ...(state === undefined ? {} : { state }),
          ...(has === undefined ? {} : { has }),
        },
      ],
    )[0];
  const codes =
    (before: Hex, after: Hex): NonNullable<CaseBlock["state"]> =>
    (r) =>
      r.kind === "code" && r.address === owner ? { ok: true, value: r.at === "parent" ? before : after } : live(r);
  expect(signed(owner, codes("0x", code(thief)))).toMatchObject([
    {
      severity: "high",
      subject: vault,
      addresses: [owner, user],
      evidence: { slot: "delegate", before: "0x", after: code(thief) },
    },
  ]);
  expect(signed(owner, codes(code(thief), "0x"))).toHaveLength(1);
  expect(signed(owner, codes("0x", "0x"))).toEqual([]);
  expect(signed(other, codes("0x", code(thief)))).toEqual([]);
  // Without state nobody knows whether it came into force, and the finding says so.
  expect(signed(owner, undefined, ["L", "X"])).toMatchObject([
    { reason: expect.stringContaining("may have changed"), evidence: { after: thief } },
  ]);
});
