import { describe, expect, test } from "vitest";
import { useDetector } from "../../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  runDetector,
  topicOf,
  word,
} from "../../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../../model/Hex.ts";
import { eventTopic } from "../../model/signatureHash.ts";
import { detectAdminChange } from "../detectAdminChange.ts";
import { safeSlots } from "./movedSlots.ts";

const [vault, user, timelock, safe, code] = [1, 2, 3, 4, 5].map((n) => addr(0x1000 + n)) as Address[];
const start = 1_700_000_000;
const event = (text: string, topics: readonly (Hex | bigint)[], data: Hex = "0x", address = vault!): CaseLog => ({
  address,
  topics: [eventTopic(text), ...topics.map((t) => topicOf(t))],
  data,
});
const words = (...list: (bigint | Hex)[]): Hex => `0x${list.map((w) => toWord(w)).join("")}`;
const live: NonNullable<CaseBlock["state"]> = (r) =>
  r.kind === "code" ? { ok: true, value: "0x60" } : r.kind === "slot" ? word(0n) : undefined;
const block = (logs: readonly CaseLog[], timestamp = start, state = live): CaseBlock => ({
  timestamp,
  txs: [{ from: user!, to: timelock!, logs, trace: frame({ from: user!, to: timelock! }) }],
  state,
});
const upgraded = event("Upgraded(address)", [code!]);
const run = (blocks: readonly CaseBlock[], params: Parameters<typeof useDetector<never>>[1] | object = {}) =>
  runDetector(useDetector(detectAdminChange, { governors: [timelock!], ...params }), [vault!], blocks);
const severities = (...args: Parameters<typeof run>) => run(...args).map((f) => f.map((x) => x.severity));

describe("CAT-04: an own upgrade", () => {
  const window = { address: vault!, fromSeconds: start, untilSeconds: start + 3_600, values: [code!] };

  test("that stands in the calendar is low, and told with what it would have been", () => {
    const found = run([block([upgraded])], { announced: [window] });
    expect(found).toMatchObject([
      [{ severity: "low", evidence: { notice: { by: "calendar", unannounced: "high", fromSeconds: start } } }],
    ]);
  });

  test("to another implementation, of another address, or at another time is not the announced one", () => {
    const other = event("Upgraded(address)", [addr(0xbad)]);
    expect(severities([block([other])], { announced: [window] })).toEqual([["high"]]);
    expect(severities([block([upgraded])], { announced: [{ ...window, address: user! }] })).toEqual([["high"]]);
    expect(severities([block([upgraded], start + 3_601)], { announced: [window] })).toEqual([["high"]]);
  });

  test("that initialises and is then taken over stays high in its window", () => {
    const logs = [event("Initialized(uint64)", [], words(1n)), upgraded];
    expect(severities([block(logs)], { announced: [{ ...window, values: [] }] })).toEqual([["high"]]);
    expect(severities([block(logs)])).toEqual([["critical"]]);
  });

  test("that waited a day in the timelock is medium; one that did not is high (Radiant 2024-10 and its twin)", () => {
    const id = topicOf(7n);
    const data = words(vault!, 0n, 64n, 0n);
    const scheduled = event(
      "CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)",
      [id, 0n],
      data,
      timelock!,
    );
    const executed = event("CallExecuted(bytes32,uint256,address,uint256,bytes)", [id, 0n], data, timelock!);
    const owner = event("OwnershipTransferred(address,address)", [user!, addr(0xbad)]);
    const waited = (seconds: number) => [block([scheduled]), block([executed, owner, upgraded], start + seconds)];
    expect(severities(waited(86_400))).toEqual([[], ["medium"]]);
    expect(severities(waited(86_399))).toEqual([[], ["high"]]);
    expect(severities([block([scheduled, executed, owner, upgraded])], { noticeSeconds: 0 })).toEqual([["high"]]);
    // Of a timelock that nobody named anybody may be the owner.
    expect(severities(waited(86_400), { governors: [] })).toEqual([[], ["high"]]);
    // Signers who were deceived sign at once: nothing was scheduled.
    expect(severities([block([owner, upgraded])])).toEqual([["high"]]);
  });
});

describe("figures of governance", () => {
  const figure = (text: string, before: bigint, after: bigint, topics: readonly bigint[] = []) =>
    event(text, topics, words(before, after), timelock!);

  test.each([
    ["SelectorDelaySet(address,bytes4,uint32,uint32,uint48)", [1n, 2n]],
    ["VotingDelaySet(uint256,uint256)", []],
    ["VotingPeriodSet(uint256,uint256)", []],
    ["QuorumNumeratorUpdated(uint256,uint256)", []],
    ["MinDelayChange(uint256,uint256)", []],
  ] as const)("%s is high when lowered and nothing when raised", (text, topics) => {
    expect(severities([block([figure(text, 10n, 9n, topics)])], { ordinary: "low", governors: [timelock!] })).toEqual([
      ["high"],
    ]);
    expect(severities([block([figure(text, 9n, 10n, topics)])])).toEqual([[]]);
  });

  test("a role that leads to all others is high whatever an ordinary one is", () => {
    const grant = (role: Hex | bigint) => event("RoleGranted(bytes32,address,address)", [role, user!, user!]);
    expect(severities([block([grant(0n)])], { ordinary: "low" })).toEqual([["high"]]);
    expect(severities([block([grant(eventTopic("PROPOSER_ROLE"))])], { ordinary: "low" })).toEqual([["high"]]);
    expect(severities([block([grant(eventTopic("KEEPER_ROLE"))])], { ordinary: "low" })).toEqual([["low"]]);
  });
});

describe("a Safe among the governors", () => {
  const threshold = (after: bigint) => event("ChangedThreshold(uint256)", [], words(after), safe!);
  const two: NonNullable<CaseBlock["state"]> = (r) => (r.kind === "call" ? word(2n) : live(r));
  const safes = { safes: [safe!], ordinary: "medium" };

  test("whose threshold falls is high, rises is low", () => {
    expect(severities([block([threshold(1n)], start, two)], safes)).toEqual([["high"]]);
    expect(severities([block([threshold(3n)], start, two)], safes)).toEqual([["low"]]);
    expect(severities([{ ...block([threshold(3n)]), has: ["L", "X"] }], safes)).toEqual([["high"]]);
  });

  test("tells of owners as ordinary, of modules and guards as high", () => {
    const one = (text: string) => severities([block([event(text, [user!], "0x", safe!)])], safes);
    expect(one("AddedOwner(address)")).toEqual([["medium"]]);
    expect(one("EnabledModule(address)")).toEqual([["high"]]);
    expect(one("ChangedGuard(address)")).toEqual([["high"]]);
  });

  test("whose singleton moves in storage without an event is told (Bybit 2025-02); with the event once", () => {
    const at = (value: bigint, name: string, logs: readonly CaseLog[] = []): CaseBlock => ({
      ...block(logs),
      txs: [{ from: user!, to: safe!, logs, trace: frame({ from: user!, to: safe! }) }],
      state: (r) =>
        r.kind === "slot" && r.address === safe && r.slot === safeSlots.find(([n]) => n === name)![1]
          ? word(value)
          : two(r),
    });
    expect(run([at(1n, "singleton"), at(2n, "singleton")], safes)).toMatchObject([
      [],
      [
        {
          severity: "high",
          subject: vault,
          addresses: [safe, user],
          evidence: { slot: "singleton", before: topicOf(1n) },
        },
      ],
    ]);
    const quiet = run([at(0n, "threshold"), at(1n, "threshold", [threshold(1n)])], safes);
    expect(quiet.map((f) => f.length)).toEqual([0, 1]);
  });

  test("has the slots that its contracts hash", () => {
    const slot = (name: string) => safeSlots.find(([n]) => n === name)![1];
    expect(slot("guard")).toBe(eventTopic("guard_manager.guard.address"));
    expect(slot("moduleGuard")).toBe(eventTopic("module_manager.module_guard.address"));
    expect(slot("fallbackHandler")).toBe(eventTopic("fallback_manager.handler.address"));
  });
});

test("the memory of what is scheduled keeps the last 256 operations", () => {
  const cells = new Map();
  const many = Array.from({ length: 300 }, (_, i) =>
    event("CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)", [BigInt(i), 0n], "0x", timelock!),
  );
  runDetector(useDetector(detectAdminChange, { governors: [timelock!] }), [vault!], [block(many)], cells);
  expect(cells.get("admin-change/scheduled")).toHaveLength(256);
});
