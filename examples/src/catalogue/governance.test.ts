import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { detectBadProposal } from "@testudo/core/detectors/detectBadProposal";
import { detectFlashVote } from "@testudo/core/detectors/detectFlashVote";
import { useDetector } from "@testudo/core/model/Detector";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { rangeSource } from "testudo/backtest/rangeSource";
import { encodeFunctionData, keccak256, toHex } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOf, type CatalogueStage, openCatalogueStage } from "./catalogueStage.testkit.ts";

// OpenZeppelin's Governor, ERC20Votes and TimelockController, as in the attack suite: a day to the snapshot, three days to
// vote, a fifth as quorum.
const [lender, thief, holder, admin] = ["01", "02", "03", "04"].map((n) => `0x${n.repeat(20)}` as Address) as [
  Address,
  Address,
  Address,
  Address,
];
const day = 86_400;
let stage: CatalogueStage;
let [votes, timelock, governor, money]: Address[] = [];

beforeAll(async () => {
  stage = await openCatalogueStage();
  votes = await stage.deploy("VoteToken", [lender, thief, holder]);
  timelock = await stage.deploy("TimelockController", [2n * BigInt(day), [], [], admin]);
  governor = await stage.deploy("SnapshotGovernor", [votes, timelock]);
  money = await stage.deploy("Money");
  const roles = ["PROPOSER_ROLE", "EXECUTOR_ROLE"].map((name) => keccak256(toHex(name)));
  await stage.mine([
    ...roles.map((role) => stage.call(admin, timelock!, "TimelockController", "grantRole", [role, governor])),
    stage.call(admin, money!, "Money", "mint", [timelock, 1_000n]),
    ...[thief, holder].map((who) => stage.call(who, votes!, "VoteToken", "delegate", [who])),
  ]);
  const governors = [{ governor: governor!, subject: timelock! }];
  await stage.watch(
    [timelock!],
    [useDetector(detectFlashVote, { governors }), useDetector(detectBadProposal, { governors })],
  );
});
afterAll(() => stage?.close());

const pay = (to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: buildOf("Money").abi, functionName: "transfer", args: [to, amount] });
const argsOf = (to: Address, data: Hex, text: string) => [[to], [0n], [data], text];
const propose = (who: Address, to: Address, data: Hex, text: string) =>
  stage.mine([stage.call(who, governor!, "SnapshotGovernor", "propose", argsOf(to, data, text))]);

async function proposalId(to: Address, data: Hex, text: string): Promise<bigint> {
  const call = stage.call(
    thief,
    governor!,
    "SnapshotGovernor",
    "hashProposal",
    argsOf(to, data, keccak256(toHex(text))),
  );
  const response = await fetch(stage.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "eth_call",
      params: [{ to: call.to, data: call.data }, "latest"],
    }),
  });
  return BigInt(((await response.json()) as { result: Hex }).result);
}

const vote = async (who: Address, id: bigint) =>
  stage.mine([stage.call(who, governor!, "SnapshotGovernor", "castVote", [id, 1])]);

test("CAT-01: a proposal that would empty the treasury is critical when it is made, one that takes its admin's role high", async () => {
  await propose(thief, money!, pay(thief, 900n), "mine");
  const [told] = stage.findings();
  expect(told?.evidence).toMatchObject({
    simulated: true,
    executor: timelock,
    outgoing: [{ holder: timelock, asset: money, amount: 900n, held: 1_000n, share: 0.9, how: "sent" }],
  });
  expect(stage.found()).toEqual(["critical bad-proposal"]);
  const { abi } = buildOf("TimelockController");
  const grant = encodeFunctionData({ abi, functionName: "grantRole", args: [`0x${"00".repeat(32)}`, thief] });
  await propose(thief, timelock!, grant, "mine too");
  expect(stage.found()).toEqual(["high bad-proposal"]);
});

test("DET-07: a back-test over the same blocks tries the proposals again, and says the same", async () => {
  const node = openEndpoint(stage.url, { label: "stage" });
  const said: string[] = [];
  const range = rangeSource({
    endpoints: [node],
    quorum: 1,
    program: stage.program(),
    from: 1n,
    to: stage.height(),
    onFinding: ({ severity, detector }) => void said.push(`${severity} ${detector}`),
  });
  for await (const _ of range.cases(new AbortController().signal, () => undefined));
  node.close();
  expect(said).toEqual(["critical bad-proposal", "high bad-proposal"]);
});

test("CAT-01 look-alike: a grant of a hundredth raises nothing; what would fail today is said to be untried", async () => {
  await propose(holder, money!, pay(holder, 10n), "a grant");
  expect(stage.found()).toEqual([]);
  await propose(holder, money!, pay(holder, 5_000n), "too much");
  expect(stage.found()).toEqual(["low bad-proposal"]);
});

test("CAT-01: votes that were lent an hour before the snapshot are high, those of an old holder nothing", async () => {
  await propose(holder, money!, pay(holder, 11n), "another grant");
  const id = await proposalId(money!, pay(holder, 11n), "another grant");
  await stage.mine([], day - 3_600);
  // Borrowed over the snapshot, a day after the proposal, and given back.
  await stage.mine([stage.call(lender, votes!, "VoteToken", "transfer", [thief, 390_000n * 10n ** 18n])]);
  await stage.mine([], 3_700);
  await stage.mine([stage.call(thief, votes!, "VoteToken", "transfer", [lender, 390_000n * 10n ** 18n])]);
  stage.found();
  await vote(holder, id);
  expect(stage.found()).toEqual([]);
  await vote(thief, id);
  const [told] = stage.findings();
  expect(told?.evidence).toMatchObject({
    voter: thief,
    weight: 400_000n * 10n ** 18n,
    before: 10_000n * 10n ** 18n,
    quorum: 200_000n * 10n ** 18n,
    share: 1.95,
  });
  expect(stage.found()).toEqual(["high flash-vote new-votes"]);
});
