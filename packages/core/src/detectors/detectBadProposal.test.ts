import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  runDetector,
  topicOf,
  transferLog,
  word,
} from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { proposalCreated } from "../signs/Proposal.ts";
import { proposalLog, scheduledLog } from "../signs/proposal.testkit.ts";
import { detectBadProposal } from "./detectBadProposal.ts";

const [vault, governor, timelock, usd, thief, other] = [1, 2, 3, 4, 5, 6].map((n) => addr(0x1000 + n)) as Address[];
const use = useDetector(detectBadProposal, { governors: [{ governor: governor!, subject: vault! }] });

const call = { to: usd!, value: 0n, data: `${selector.transfer}${toWord(thief!)}${toWord(500n)}` as Hex };
const created = (calls = [call], id = 7n): CaseLog => proposalLog(governor!, { id, proposer: thief!, calls });
/** A run whose only frame has these logs. */
const ran = (logs: readonly CaseLog[], more: Partial<CallFrame> = {}): CallFrame =>
  frame({ from: timelock!, to: usd!, logs, ...more });

/** The fork's answer, and what the timelock holds. */
const state =
  (
    runs: readonly CallFrame[],
    more: { readonly held?: bigint; readonly moved?: Hex } = {},
  ): NonNullable<CaseBlock["state"]> =>
  (r) => {
    if (r.kind === "simulate") {
      expect(r.calls.every(({ from }) => from === timelock)).toBe(true);
      const words = r.slots.map(({ address }) => (address === vault ? (more.moved ?? topicOf(0n)) : topicOf(0n)));
      const value: Hex = `0x${words.map((w) => w.slice(2)).join("")}`;
      return { ok: true, value, runs: runs.map((trace) => ({ succeeded: trace.error === undefined, trace })) };
    }
    if (r.kind === "slot") return word(0n);
    if (r.kind === "call" && r.data === functionSelector("timelock()")) return word(timelock!);
    return r.kind === "call" && r.data.startsWith(selector.balanceOf) ? word(more.held ?? 1_000n) : undefined;
  };
const block = (logs: readonly CaseLog[], answer = state([])): CaseBlock => ({
  txs: [{ from: thief!, to: governor!, logs }],
  state: answer,
});
const tell = (logs: readonly CaseLog[], answer?: NonNullable<CaseBlock["state"]>, u = use) =>
  runDetector(u, [vault!], [block(logs, answer)]).flat();
const severities = (...args: Parameters<typeof tell>) => tell(...args).map((f) => f.severity);
const paid = (amount: bigint) => ran([transferLog(usd!, timelock!, thief!, amount)]);

test("CAT-01: a treasury that would pay out half of what it holds is told when the proposal is made", () => {
  expect(tell([created()], state([paid(500n)]))).toMatchObject([
    {
      severity: "high",
      subject: vault,
      reason: `Proposal 7 of ${governor}: 50.0 % of an asset of a treasury goes out.`,
      evidence: {
        simulated: true,
        executor: timelock,
        outgoing: [{ holder: timelock, asset: usd, amount: 500n, held: 1_000n, share: 0.5, how: "sent" }],
      },
    },
  ]);
  expect(severities([created()], state([paid(501n)]))).toEqual(["critical"]);
  expect(severities([created()], state([paid(51n)]))).toEqual(["high"]);
});

test("CAT-01 look-alike: a grant of 5 %, a move between the protocol's own, and a change of a parameter raise nothing", () => {
  expect(severities([created()], state([paid(50n)]))).toEqual([]);
  expect(severities([created()], state([ran([transferLog(usd!, timelock!, vault!, 900n)])]))).toEqual([]);
  const parameter = ran([{ address: vault!, topics: [eventTopic("FeeSet(uint256)")], data: `0x${toWord(5n)}` }]);
  expect(severities([created()], state([parameter]))).toEqual([]);
});

describe("control", () => {
  const event = (text: string, topics: readonly bigint[], data: Hex = "0x", at = vault!): CaseLog => ({
    address: at,
    topics: [eventTopic(text), ...topics.map(topicOf)],
    data,
  });

  test("that changes hands is high, an upgrade medium, either with money critical", () => {
    const role = event("RoleGranted(bytes32,address,address)", [0n, 5n, 5n]);
    expect(severities([created()], state([ran([role])]))).toEqual(["high"]);
    const upgrade = event("Upgraded(address)", [5n]);
    expect(severities([created()], state([ran([upgrade])]))).toEqual(["medium"]);
    expect(severities([created()], state([ran([upgrade, transferLog(usd!, timelock!, thief!, 100n)])]))).toEqual([
      "critical",
    ]);
  });

  test("of a delay counts where it falls", () => {
    const delay = (before: bigint, after: bigint) =>
      ran([event("MinDelayChange(uint256,uint256)", [], `0x${toWord(before)}${toWord(after)}`, timelock!)]);
    expect(severities([created()], state([delay(10n, 9n)]))).toEqual(["high"]);
    expect(severities([created()], state([delay(9n, 10n)]))).toEqual([]);
  });

  test("shows in slots that move without an event", () => {
    expect(tell([created()], state([ran([])], { moved: topicOf(0xbadn) }))).toMatchObject([
      { severity: "high", evidence: { moved: [{ slot: "implementation" }, { slot: "admin" }, { slot: "beacon" }] } },
    ]);
  });

  test("of contracts that nobody governs here is their affair", () => {
    const foreign = event("OwnershipTransferred(address,address)", [1n, 2n], "0x", other!);
    expect(severities([created()], state([ran([foreign])]))).toEqual([]);
  });
});

test("an approval of a treasury's money counts as money", () => {
  const approval: CaseLog = {
    address: usd!,
    topics: [eventTopic("Approval(address,address,uint256)"), topicOf(timelock!), topicOf(thief!)],
    data: `0x${toWord(2n ** 256n - 1n)}`,
  };
  expect(tell([created()], state([ran([approval])]))).toMatchObject([
    { severity: "critical", evidence: { outgoing: [{ how: "approved", share: 1 }] } },
  ]);
});

test("an operation of a timelock is tried as one of its own", () => {
  const own = useDetector(detectBadProposal, { governors: [{ governor: timelock!, subject: vault! }] });
  const logs = [scheduledLog(timelock!, 9n, 0n, call), scheduledLog(timelock!, 9n, 1n, call)];
  const found = tell(logs, state([paid(300n), paid(300n)]), own);
  expect(found).toMatchObject([{ severity: "critical", evidence: { by: "timelock", outgoing: [{ amount: 600n }] } }]);
  expect(found).toHaveLength(1);
});

describe("what could not be tried is said, never passed for clean", () => {
  test("a call that fails", () => {
    const failed = { ...paid(500n), error: "execution reverted" };
    expect(tell([created()], state([failed]))).toMatchObject([
      { severity: "low", evidence: { failed: 1, outgoing: [] } },
    ]);
  });

  test("without a fork the calldata speaks, at most medium", () => {
    const unforked: NonNullable<CaseBlock["state"]> = (r) =>
      r.kind === "simulate" ? { ok: false, error: "unsupported" } : state([])(r);
    expect(tell([created()], unforked)).toMatchObject([
      { severity: "medium", evidence: { simulated: false, intents: ["transfer(address,uint256)"] } },
    ]);
    expect(severities([created([{ ...call, data: "0x12345678" }])], unforked)).toEqual(["low"]);
    expect(runDetector(use, [vault!], [{ ...block([created()]), has: ["L", "X"] }]).flat()).toMatchObject([
      { severity: "medium" },
    ]);
  });

  test("a proposal that is malformed, and those beyond four a block", () => {
    const broken: CaseLog = { address: governor!, topics: [proposalCreated], data: "0x1234" };
    expect(tell([broken])).toMatchObject([{ severity: "low", evidence: { why: "its calls cannot be read" } }]);
    const many = Array.from({ length: 6 }, (_, i) => created([call], BigInt(i)));
    const found = tell(many, state([paid(10n)]));
    expect(found.map((f) => f.evidence.simulated)).toEqual([false, false]);
  });
});

test("CAT-01 evasion: money of a holder that nobody named is not seen to leave", () => {
  const out = ran([transferLog(usd!, other!, thief!, 900n)]);
  expect(severities([created()], state([out]))).toEqual([]);
  const named = useDetector(detectBadProposal, {
    governors: [{ governor: governor!, subject: vault! }],
    treasuries: [other!],
  });
  expect(severities([created()], state([out]), named)).toEqual(["critical"]);
});
