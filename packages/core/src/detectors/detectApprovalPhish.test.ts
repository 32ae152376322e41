import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  type CaseTx,
  frame,
  runDetector,
  topicOf,
  transferLog,
} from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import { eventTopic } from "../model/signatureHash.ts";
import { detectApprovalPhish } from "./detectApprovalPhish.ts";

const [token, thief, drainer, other] = [1, 2, 3, 4].map((n) => addr(0x1000 + n)) as Address[];
const owners = Array.from({ length: 6 }, (_, i) => addr(0x2000 + i));
const use = useDetector(detectApprovalPhish);
const start = 1_700_000_000;

const approve = (owner: Address, spender: Address, amount = 2n ** 256n - 1n, at = token!): CaseTx => ({
  from: owner,
  to: at,
  logs: [
    {
      address: at,
      topics: [eventTopic("Approval(address,address,uint256)"), topicOf(owner), topicOf(spender)],
      data: `0x${toWord(amount)}`,
    },
  ],
});
/** `spender` takes 100 from `owner` in a transaction of `from`; `back` of another asset comes to the owner. */
const pull = (owner: Address, spender: Address, from = thief!, back = 0n): CaseTx => ({
  from,
  to: spender === from ? token! : spender,
  logs: [transferLog(token!, owner, thief!, 100n), ...(back > 0n ? [transferLog(other!, spender, owner, back)] : [])],
  trace: frame({
    from,
    to: spender === from ? token! : spender,
    input: spender === from ? selector.transferFrom : "0x",
    calls: spender === from ? [] : [frame({ from: spender, to: token!, input: selector.transferFrom })],
  }),
});
const code =
  (value: Hex): NonNullable<CaseBlock["state"]> =>
  (r) =>
    r.kind === "code" ? { ok: true, value } : undefined;
const run = (
  txs: readonly (readonly CaseTx[])[],
  {
    state = code("0x60"),
    gap = 60,
    has,
  }: { state?: NonNullable<CaseBlock["state"]>; gap?: number; has?: CaseBlock["has"] } = {},
) =>
  runDetector(
    use,
    [token!],
    txs.map((list, i) => ({
      txs: list,
      timestamp: start + gap * i,
      state,
      ...(has ? { has } : {}),
    })),
  ).map((f) => f.map((x) => `${x.severity} ${x.evidence.kind}`));
const crowd = (spender: Address, count = 5) => owners.slice(0, count).map((o) => approve(o, spender));

test("CAT-01: five owners who approve an account without code are low, the first pull is high, the fifth critical", () => {
  const pulls = owners.slice(0, 5).map((o) => [pull(o, thief!)]);
  expect(run([crowd(thief!), ...pulls], { state: code("0x") })).toEqual([
    ["low crowd"],
    ["high pull"],
    ["high pull"],
    ["high pull"],
    ["high pull"],
    ["critical pull"],
  ]);
});

test("CAT-01: a contract of the thief's is told when it pulls, though it be old", () => {
  expect(run([crowd(drainer!), [pull(owners[0]!, drainer!)]])).toEqual([[], ["high pull"]]);
});

test("a contract that came into being while we watched is told with its crowd", () => {
  const created: CaseTx = {
    from: thief!,
    trace: frame({ from: thief!, to: thief!, calls: [frame({ type: "CREATE", from: thief!, to: drainer! })] }),
  };
  expect(run([[created], crowd(drainer!)])).toEqual([[], ["low crowd"]]);
});

describe("CAT-01 look-alikes", () => {
  test("a new router: the owners send the transactions that pull", () => {
    expect(run([crowd(drainer!), ...owners.slice(0, 5).map((o) => [pull(o, drainer!, o)])]).flat()).toEqual([]);
  });

  test("an order book: it pulls by itself and gives something for it", () => {
    expect(run([crowd(drainer!), ...owners.slice(0, 5).map((o) => [pull(o, drainer!, thief!, 50n)])]).flat()).toEqual(
      [],
    );
  });

  test("four owners; approvals taken back; approvals that are two days apart; another token; the protocol's own contract", () => {
    const four = [crowd(thief!, 4), [pull(owners[0]!, thief!)]];
    expect(run(four, { state: code("0x") }).flat()).toEqual([]);
    expect(run([owners.map((o) => approve(o, thief!, 0n))], { state: code("0x") }).flat()).toEqual([]);
    expect(
      run(
        owners.map((o) => [approve(o, thief!)]),
        { state: code("0x"), gap: 86_400 },
      ).flat(),
    ).toEqual([]);
    expect(run([owners.map((o) => approve(o, thief!, 1n, other!))], { state: code("0x") }).flat()).toEqual([]);
    const known = useDetector(detectApprovalPhish, { known: [drainer!] });
    expect(runDetector(known, [token!], [{ txs: [...crowd(drainer!), pull(owners[0]!, drainer!)] }]).flat()).toEqual(
      [],
    );
  });
});

test("CAT-01 evasion: a spender for each owner is no crowd", () => {
  const each = owners.map((o, i) => [approve(o, addr(0x7000 + i)), pull(o, addr(0x7000 + i))]);
  expect(run(each, { state: code("0x") }).flat()).toEqual([]);
});

test("permits and approvals for all count: ERC-721, ERC-1155, Permit2", () => {
  const permit2 = "0x000000000022d473030f116ddee9f6b43ac78ba3";
  const forAll = (o: Address): CaseLog => ({
    address: token!,
    topics: [eventTopic("ApprovalForAll(address,address,bool)"), topicOf(o), topicOf(thief!)],
    data: `0x${toWord(1n)}`,
  });
  const permit = (o: Address): CaseLog => ({
    address: permit2,
    topics: [
      eventTopic("Permit(address,address,address,uint160,uint48,uint48)"),
      topicOf(o),
      topicOf(token!),
      topicOf(thief!),
    ],
    data: `0x${toWord(5n)}${toWord(0n)}${toWord(0n)}`,
  });
  for (const log of [forAll, permit])
    expect(run([owners.map((o) => ({ from: o, to: token!, logs: [log(o)] }))], { state: code("0x") }).flat()).toEqual([
      "low crowd",
    ]);
});

test("without state a crowd is not told, a pull is", () => {
  expect(run([crowd(thief!), [pull(owners[0]!, thief!)]], { has: ["L", "X", "H"] })).toEqual([[], ["high pull"]]);
});

test("a thousand spenders and a thousand owners of one do not fill the memory", () => {
  const cells = new Map();
  const spenders = Array.from({ length: 1_000 }, (_, i) => approve(owners[0]!, addr(0x10000 + i)));
  const crowded = Array.from({ length: 1_000 }, (_, i) => approve(addr(0x20000 + i), thief!));
  runDetector(
    use,
    [token!],
    [
      { txs: spenders, state: code("0x60") },
      { txs: crowded, state: code("0x60") },
    ],
    cells,
  );
  expect(cells.get("approval-phish/spenders")).toHaveLength(512);
  expect(cells.get(`approval-phish/grants:${thief}`)).toHaveLength(128);
  expect([...cells.keys()].filter((k) => k.includes("grants:"))).toHaveLength(512);
});
