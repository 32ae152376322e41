import { describe, expect, test } from "vitest";
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
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { proposalCreated, proposalExecuted } from "../signs/Proposal.ts";
import { detectFlashVote } from "./detectFlashVote.ts";

const [treasury, governor, token, whale, friend, lender] = [1, 2, 3, 4, 5, 6].map((n) => addr(0x1000 + n)) as Address[];
const use = useDetector(detectFlashVote, { governors: [{ governor: governor!, subject: treasury! }] });
const snapshot = 20_000_000n;
const quorum = 1_000n;

const vote = (voter: Address, weight: bigint, id = 7n): CaseLog => ({
  address: governor!,
  topics: [eventTopic("VoteCast(address,uint256,uint8,uint256,string)"), topicOf(voter)],
  data: `0x${[id, 1n, weight, 128n, 0n].map((w) => toWord(w)).join("")}`,
});
const idLog = (topic: Hex, id = 7n): CaseLog => ({ address: governor!, topics: [topic], data: `0x${toWord(id)}` });

/** Past votes of each voter, at 7,200 blocks (or a day of seconds) before the snapshot. */
const state =
  (past: Readonly<Record<string, bigint>>, at = snapshot, since = at - 7_200n): NonNullable<CaseBlock["state"]> =>
  (r) => {
    if (r.kind !== "call") return undefined;
    const name = r.data.slice(0, 10);
    if (name === functionSelector("token()")) return word(token!);
    if (name === functionSelector("proposalSnapshot(uint256)")) return word(at);
    if (name === functionSelector("quorum(uint256)") && r.data.endsWith(toWord(at))) return word(quorum);
    if (name === functionSelector("votingDelay()")) return word(7_200n);
    if (name === functionSelector("votingPeriod()")) return word(50_400n);
    if (name !== functionSelector("getPastVotes(address,uint256)") || !r.data.endsWith(toWord(since))) return undefined;
    const known = past[`0x${r.data.slice(34, 74)}`];
    return known === undefined ? undefined : word(known);
  };
const block = (logs: readonly CaseLog[], more: Partial<CaseBlock> = {}): CaseBlock => ({
  txs: [{ from: whale!, to: governor!, logs, trace: frame({ from: whale!, to: governor! }) }],
  state: state({ [whale!]: 0n, [friend!]: 0n }),
  ...more,
});
const run = (blocks: readonly CaseBlock[], u = use) =>
  runDetector(u, [treasury!], blocks).map((f) => f.map((x) => `${x.severity} ${x.evidence.kind}`));

test("CAT-01: votes that were not there a day before the snapshot are high above a fifth of the quorum", () => {
  expect(run([block([vote(whale!, 201n)])])).toEqual([["high new-votes"]]);
  const [found] = runDetector(use, [treasury!], [block([vote(whale!, 500n)])]).flat();
  expect(found).toMatchObject({
    subject: treasury,
    evidence: { weight: 500n, before: 0n, newVotes: 500n, quorum, share: 0.5, snapshot, since: snapshot - 7_200n },
  });
});

test("CAT-01: new votes of many voters add up over the proposal", () => {
  expect(run([block([vote(whale!, 120n)]), block([vote(friend!, 120n)])])).toEqual([[], ["high new-votes"]]);
  expect(run([block([vote(whale!, 120n)]), block([vote(friend!, 120n, 8n)])])).toEqual([[], []]);
});

test("CAT-01 look-alike: an old holder votes with all he has, and buys a little more before", () => {
  const old = state({ [whale!]: 5_000n });
  expect(
    run([block([vote(whale!, 5_000n)], { state: old }), block([vote(whale!, 5_200n, 8n)], { state: old })]),
  ).toEqual([[], []]);
});

test("CAT-01 evasion: votes bought a block earlier than the look-back are old", () => {
  expect(run([block([vote(whale!, 900n)], { state: state({ [whale!]: 900n }) })])).toEqual([[]]);
});

test("a governor whose clock counts seconds is asked in seconds", () => {
  const at = 1_700_000_000n;
  expect(run([block([vote(whale!, 900n)], { state: state({ [whale!]: 0n }, at, at - 86_400n) })])).toEqual([
    ["high new-votes"],
  ]);
  expect(run([block([vote(whale!, 900n)], { state: state({ [whale!]: 900n }, at, at - 86_400n) })])).toEqual([[]]);
});

test("a token that does not tell the past is followed by its delegations", () => {
  const gained = (before: bigint, after: bigint): CaseLog => ({
    address: token!,
    topics: [eventTopic("DelegateVotesChanged(address,uint256,uint256)"), topicOf(whale!)],
    data: `0x${toWord(before)}${toWord(after)}`,
  });
  const silent = { state: state({}) };
  expect(run([block([gained(0n, 900n)], silent), block([vote(whale!, 900n)], silent)])).toEqual([
    [],
    ["high new-votes"],
  ]);
  const late = [
    block([gained(0n, 900n)], { ...silent, timestamp: 1_000 }),
    block([vote(whale!, 900n)], { ...silent, timestamp: 1_000 + 86_400 }),
  ];
  expect(run(late)).toEqual([[], []]);
});

test("delegations of next to nothing, however many, do not push out the votes that somebody has come by", () => {
  const gained = (delegate: Address, votes: bigint): CaseLog => ({
    address: token!,
    topics: [eventTopic("DelegateVotesChanged(address,uint256,uint256)"), topicOf(delegate)],
    data: `0x${toWord(0n)}${toWord(votes)}`,
  });
  const silent = { state: state({}) };
  const dust = (from: number) => Array.from({ length: 600 }, (_, i) => gained(addr(0x5000 + from + i), 1n));
  const cells = new Map();
  const blocks = [
    block([gained(whale!, 900n), ...dust(0)], silent),
    block(dust(1_000), { ...silent, number: 101 }),
    block([vote(whale!, 900n)], { ...silent, number: 102 }),
  ];
  const found = runDetector(use, [treasury!], blocks, cells);
  expect(found.map((list) => list.map(({ evidence }) => evidence.kind))).toEqual([[], [], ["new-votes"]]);
  expect([...cells].find(([key]) => key.includes("gained:"))![1]).toHaveLength(512);
});

describe("under a loan", () => {
  const loan = [transferLog(token!, lender!, whale!, 390n), transferLog(token!, whale!, lender!, 390n)];

  test("CAT-01: a governor that is dealt with while its votes are borrowed is critical (Beanstalk 2022-04)", () => {
    expect(run([block([loan[0]!, idLog(proposalCreated), loan[1]!])])).toEqual([["critical borrowed"]]);
  });

  test("CAT-01 look-alike: a loan of another token, and one that does not touch the governor", () => {
    const other = loan.map((log) => ({ ...log, address: addr(0x99) }));
    expect(run([block([...other, idLog(proposalCreated)])])).toEqual([[]]);
    const elsewhere: CaseBlock = {
      ...block([]),
      txs: [{ from: whale!, to: lender!, logs: loan, trace: frame({ from: whale!, to: lender! }) }],
    };
    expect(run([elsewhere])).toEqual([[]]);
  });
});

describe("a proposal that is executed", () => {
  const made = (timestamp: number) => block([idLog(proposalCreated)], { timestamp });
  const done = (timestamp: number, more: Partial<CaseBlock> = {}) =>
    block([idLog(proposalExecuted)], { timestamp, ...more });
  const needed = Math.floor((7_200 + 50_400) * 12 * 0.9);

  test("before its delay and period have passed is critical, after them it is nothing", () => {
    expect(run([made(1_000), done(1_000 + needed - 1)])).toEqual([[], ["critical early"]]);
    expect(run([made(1_000), done(1_000 + needed)])).toEqual([[], []]);
    expect(run([block([idLog(proposalCreated), idLog(proposalExecuted)])])).toEqual([["critical early"]]);
  });

  test("is held to a day where the governor tells no delays", () => {
    const mute = { state: () => undefined };
    expect(run([made(1_000), done(1_000 + 86_399, mute)])).toEqual([[], ["critical early"]]);
    expect(run([made(1_000), done(1_000 + 86_400, { has: ["L", "X"] })])).toEqual([[], []]);
  });

  test("and was made before we watched is not judged", () => {
    expect(run([done(5_000)])).toEqual([[]]);
  });
});

test("malformed votes, and a thousand proposals, neither throw nor fill the memory", () => {
  const cells = new Map();
  const logs = Array.from({ length: 400 }, (_, i) => idLog(proposalCreated, BigInt(i)));
  const broken: CaseLog = { ...vote(whale!, 5n), data: "0x1234" };
  runDetector(use, [treasury!], [block([...logs, broken])], cells);
  expect(cells.get(`flash-vote/made:${governor}`)).toHaveLength(256);
});
