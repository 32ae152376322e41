import { expect, test } from "vitest";
import { explainIssues } from "../config/explainIssue.ts";
import type { DeploymentConfig } from "./Deployment.ts";
import { deploymentSchema } from "./deploymentSchema.ts";
import { exampleDeployment, guardians, nowhere, steward } from "./example.testkit.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is tested are values that the type does not allow
type Draft = any;

/** The example, with one thing changed whatever its type. */
function broken(change: (draft: Draft) => void): DeploymentConfig {
  const draft = structuredClone(exampleDeployment());
  change(draft);
  return draft as DeploymentConfig;
}

function refusals(file: DeploymentConfig): readonly string[] {
  const checked = deploymentSchema.safeParse(file);
  if (checked.success) return [];
  const placeOf = (path: readonly PropertyKey[]) => ({ file: path.map(String).join(".") });
  const mistakes = explainIssues(checked.error.issues, { input: file, placeOf, root: "The deployment" });
  return mistakes.map(({ place, what, allowed, wayOut }) => `${place.file}: ${what} ${allowed} ${wayOut}`);
}

test("behavior: a deployment in order is taken, with selectors and defaults", () => {
  const { protect, trippers, timelock, oracle } = deploymentSchema.parse(exampleDeployment());
  expect(protect[0]!.guarded[0]).toEqual({ signature: "withdraw(uint256)", selector: "0x2e1a7d4d" });
  expect(trippers).toHaveLength(1);
  expect(timelock.executors).toBeUndefined();
  expect(oracle!.markets[0]!.twapWindowSeconds).toBe(0);
});

test("behavior: breaker, council and timelock are enough", () => {
  const { chainId, protect, council, slowWallet, timelock } = exampleDeployment();
  expect(refusals({ chainId, protect, council, slowWallet, timelock })).toEqual([]);
});

const mixed = "0xaBaBaBaBABabABabAbAbABAbABabababaBaBABaB";
const other = `0x${"8".repeat(40)}` as const;

test.each<readonly [string, (draft: Draft) => void, string, string]>([
  ["one guardian", (d) => d.council.guardians.splice(1), "council.guardians", "one stolen key or one lost key decides"],
  ["two guardians", (d) => d.council.guardians.splice(2), "council.guardians", "3 to 7"],
  [
    "eight guardians",
    (d) => {
      for (let i = 0; i < 5; i++) d.council.guardians.push(`0x${`b${i}`.repeat(20)}`);
    },
    "council.guardians",
    "seven seats",
  ],
  [
    "m1 of one",
    (d) => {
      d.council.m1 = 1;
    },
    "council.m1",
    "One guardian alone could pause",
  ],
  [
    "m1 as large as m2",
    (d) => {
      d.council.m2 = 2;
    },
    "council.m2",
    "m1 < m2 <= m3",
  ],
  [
    "m2 above m3",
    (d) => {
      d.council.guardians.push(other);
      d.council.m2 = 4;
    },
    "council.m3",
    "veto their own removal",
  ],
  [
    "m3 above the guardians",
    (d) => {
      d.council.m3 = 4;
    },
    "council.m3",
    "Nobody could ever reach it",
  ],
  [
    "a guardian twice",
    (d) => {
      d.council.guardians[2] = guardians[0];
    },
    "council.guardians.2",
    "count as two people",
  ],
  [
    "a guardian who is the steward",
    (d) => {
      d.steward.stewards = [guardians[1]];
    },
    "steward.stewards.0",
    "hold a guardian's vote too",
  ],
  [
    "a guardian who trips alone",
    (d) => {
      d.trippers[0].caller = guardians[1];
    },
    "trippers.0.caller",
    "m1 would not count",
  ],
  [
    "a guardian who executes",
    (d) => {
      d.timelock.executors = [guardians[1]];
    },
    "timelock.executors.0",
    "Guardian keys only tighten",
  ],
  [
    "a slow wallet that is a guardian",
    (d) => {
      d.slowWallet = guardians[0];
    },
    "slowWallet",
    "its own check",
  ],
  [
    "a slow wallet that is the steward",
    (d) => {
      d.slowWallet = steward;
    },
    "steward.stewards.0",
    "set by the steward",
  ],
  [
    "owners in place of a Safe",
    (d) => {
      d.slowWallet = { owners: guardians };
    },
    "slowWallet",
    "testudo deploys no Safe",
  ],
  [
    "zero delay",
    (d) => {
      d.timelock.delaySeconds = 0;
    },
    "timelock.delaySeconds",
    "no guardian can veto it",
  ],
  [
    "a delay above 30 days",
    (d) => {
      d.timelock.delaySeconds = 2_592_001;
    },
    "timelock.delaySeconds",
    "2592000",
  ],
  [
    "a grace of an hour",
    (d) => {
      d.timelock.graceSeconds = 3_600;
    },
    "timelock.graceSeconds",
    "86400",
  ],
  [
    "a grace above 30 days",
    (d) => {
      d.timelock.graceSeconds = 2_592_001;
    },
    "timelock.graceSeconds",
    "forgotten operation",
  ],
  [
    "an open executor",
    (d) => {
      d.timelock.executors = [`0x${"0".repeat(40)}`];
    },
    "timelock.executors.0",
    "Anybody could choose the moment",
  ],
  [
    "a delay of its own that is none",
    (d) => {
      d.timelock.selectorDelays[0].delaySeconds = 86_400;
    },
    "timelock.selectorDelays.0.delaySeconds",
    "looks like a rule",
  ],
  [
    "a delay on a contract that is not there",
    (d) => {
      d.timelock.selectorDelays[0].contract = "Valt";
    },
    "timelock.selectorDelays.0.contract",
    'no contract "Valt"',
  ],
  [
    "a trip of zero",
    (d) => {
      d.flow[0].tripSeconds = 0;
    },
    "flow.0.tripSeconds",
    "every pause has an end",
  ],
  [
    "a trip without an end",
    (d) => {
      d.flow[0].tripSeconds = 259_201;
    },
    "flow.0.tripSeconds",
    "72 h",
  ],
  [
    "a flow window of zero",
    (d) => {
      d.flow[0].limits[0].windowSeconds = 0;
    },
    "flow.0.limits.0.windowSeconds",
    "the cap bounds nothing",
  ],
  [
    "a flow cap of zero",
    (d) => {
      d.flow[0].limits[0].capAbs = 0n;
    },
    "flow.0.limits.0.capAbs",
    "locked in",
  ],
  [
    "a flow share of zero",
    (d) => {
      d.flow[0].limits[0].capBpsOfTvl = 0;
    },
    "flow.0.limits.0.capBpsOfTvl",
    "locks every user in",
  ],
  [
    "a flow share above 100 %",
    (d) => {
      d.flow[0].limits[0].capBpsOfTvl = 10_001;
    },
    "flow.0.limits.0.capBpsOfTvl",
    "nothing is limited",
  ],
  [
    "a flow limit without a cap",
    (d) => {
      delete d.flow[0].limits[0].capAbs;
    },
    "flow.0.limits.0",
    "Without one nothing is limited",
  ],
  [
    "a limiter that never trips",
    (d) => {
      d.flow[0].limits[0].tripBps = 0;
    },
    "flow.0.limits.0.tripBps",
    "nothing ever trips",
  ],
  [
    "an asset limited twice",
    (d) => {
      d.flow[0].limits.push(d.flow[0].limits[0]);
    },
    "flow.0.limits.1.asset",
    "replace the earlier",
  ],
  [
    "two limiters of one contract",
    (d) => {
      d.flow.push(d.flow[0]);
    },
    "flow.1.contract",
    "asks one limiter",
  ],
  [
    "no exempt function",
    (d) => {
      d.protect[0].exempt = [];
    },
    "protect.0.exempt",
    "locks users into positions",
  ],
  [
    "an exempt outflow",
    (d) => {
      d.protect[0].exempt = ["withdrawAll()"];
    },
    "protect.0.exempt.0",
    "lets value out",
  ],
  [
    "a guarded function that is exempt too",
    (d) => {
      d.protect[0].exempt.push("borrow(uint256)");
      d.protect[0].guarded = ["withdraw(uint256)", "repay(uint256)"];
    },
    "protect.0.exempt.0",
    "cannot be paused by guardians",
  ],
  [
    "a function guarded twice",
    (d) => {
      d.protect[0].guarded.push("withdraw(uint256)");
    },
    "protect.0.guarded.2",
    "guarded or exempt",
  ],
  [
    "two functions of one selector",
    (d) => {
      d.protect[0].guarded.push("collate_propagate_storage(bytes16)", "burn(uint256)");
    },
    "protect.0.guarded.3",
    "once more",
  ],
  [
    "a selector in place of a signature",
    (d) => {
      d.protect[0].guarded[0] = "0x2e1a7d4d";
    },
    "protect.0.guarded.0",
    "a function's signature",
  ],
  [
    "an alias in a signature",
    (d) => {
      d.protect[0].guarded[0] = "withdraw(uint)";
    },
    "protect.0.guarded.0",
    "a function's signature",
  ],
  [
    "a contract twice",
    (d) => {
      d.protect.push({ ...d.protect[0], name: "Again" });
    },
    "protect.1.address",
    "registered once",
  ],
  [
    "a name twice",
    (d) => {
      d.protect.push({ ...d.protect[0], address: other });
    },
    "protect.1.name",
    "stands for one contract",
  ],
  [
    "a group with an exempt function",
    (d) => {
      d.groups[0].members[0].function = "repay(uint256)";
    },
    "groups.0.members.0.function",
    "an exempt one never falls",
  ],
  [
    "a group over nothing",
    (d) => {
      d.groups[0].members[0].contract = "Valt";
    },
    "groups.0.members.0.contract",
    "Allowed: Vault",
  ],
  [
    "a group member twice",
    (d) => {
      d.groups[0].members.push(d.groups[0].members[0]);
    },
    "groups.0.members.1",
    "each once",
  ],
  [
    "a group twice",
    (d) => {
      d.groups.push(d.groups[0]);
    },
    "groups.1.name",
    "registered once",
  ],
  [
    "a limiter of no group",
    (d) => {
      d.flow[0].group = "exit";
    },
    "flow.0.group",
    "Allowed: exits",
  ],
  [
    "one feed",
    (d) => {
      d.oracle.markets[0].feeds.pop();
    },
    "oracle.markets.0.feeds",
    "is the price",
  ],
  [
    "a quorum of one",
    (d) => {
      d.oracle.markets[0].quorum = 1;
    },
    "oracle.markets.0.quorum",
    "One feed alone",
  ],
  [
    "a quorum above the feeds",
    (d) => {
      d.oracle.markets[0].quorum = 3;
    },
    "oracle.markets.0.quorum",
    "never be a price",
  ],
  [
    "a jump quorum below the quorum",
    (d) => {
      d.oracle.markets[0].jumpQuorum = 1;
    },
    "oracle.markets.0.jumpQuorum",
    "what an attack looks like",
  ],
  [
    "a heartbeat of zero",
    (d) => {
      d.oracle.markets[0].feeds[0].heartbeatSeconds = 0;
    },
    "oracle.markets.0.feeds.0.heartbeatSeconds",
    "after the feed has died",
  ],
  [
    "a heartbeat above a day",
    (d) => {
      d.oracle.markets[0].feeds[0].heartbeatSeconds = 86_401;
    },
    "oracle.markets.0.feeds.0.heartbeatSeconds",
    "86400",
  ],
  [
    "a jump of zero",
    (d) => {
      d.oracle.markets[0].maxJumpBps = 0;
    },
    "oracle.markets.0.maxJumpBps",
    "every move is a jump",
  ],
  [
    "a feed of no weight",
    (d) => {
      d.oracle.markets[0].feeds[0].weight = 0;
    },
    "oracle.markets.0.feeds.0.weight",
    "not for the price",
  ],
  [
    "an adapter twice in a market",
    (d) => {
      d.oracle.markets[0].feeds[1].adapter = "first";
    },
    "oracle.markets.0.feeds.1",
    "confirm itself",
  ],
  [
    "two adapters over one feed",
    (d) => {
      d.oracle.adapters.second.feed = nowhere.feeds[0];
    },
    "oracle.adapters.second",
    "are one voice",
  ],
  [
    "an adapter that is not there",
    (d) => {
      d.oracle.markets[0].feeds[1].adapter = "third";
    },
    "oracle.markets.0.feeds.1.adapter",
    "Allowed: first, second",
  ],
  [
    "a pool over a second",
    (d) => {
      d.oracle.adapters.second = { kind: "uniswapV3Twap", pool: other, base: nowhere.token };
      d.oracle.markets[0].twapWindowSeconds = 1;
    },
    "oracle.markets.0.twapWindowSeconds",
    "one transaction moves",
  ],
  [
    "a pool of any liquidity",
    (d) => {
      d.oracle.adapters.second = { kind: "uniswapV3Twap", pool: other, base: nowhere.token };
      d.oracle.markets[0].twapWindowSeconds = 1_800;
    },
    "oracle.markets.0.minTwapLiquidity",
    "costs nothing to move",
  ],
  [
    "a request of no blocks",
    (d) => {
      d.latency.kinds[0].minBlocks = 0;
    },
    "latency.kinds.0.minBlocks",
    "In the block of its request",
  ],
  [
    "a request that lapses too late",
    (d) => {
      d.latency.kinds[0].windowSeconds = 769;
    },
    "latency.kinds.0.windowSeconds",
    "768 s",
  ],
  [
    "requests without an oracle",
    (d) => {
      delete d.oracle;
    },
    "latency.kinds.0.market",
    "no market of the oracle",
  ],
  [
    "a kind twice",
    (d) => {
      d.latency.kinds.push(d.latency.kinds[0]);
    },
    "latency.kinds.1.id",
    "set once",
  ],
  [
    "a steward without a cooldown",
    (d) => {
      d.steward.parameters[0].cooldownSeconds = 0;
    },
    "steward.parameters.0.cooldownSeconds",
    "all steps in one block",
  ],
  [
    "a floor above the ceiling",
    (d) => {
      d.steward.parameters[0].floor = 2n * 10n ** 18n;
    },
    "steward.parameters.0.floor",
    "No value lies between",
  ],
  [
    "a step above 50 %",
    (d) => {
      d.steward.parameters[0].maxStepBps = 5_001;
    },
    "steward.parameters.0.maxStepBps",
    "A step of half or more",
  ],
  [
    "a first value outside its bounds",
    (d) => {
      d.steward.parameters[0].value = 1n;
    },
    "steward.parameters.0.value",
    "The contract refuses it",
  ],
  [
    "a ramp longer than the cooldown",
    (d) => {
      d.steward.parameters[0].rampSeconds = 86_401;
    },
    "steward.parameters.0.rampSeconds",
    "under way",
  ],
  [
    "a steward without invariants",
    (d) => {
      d.steward.invariants = [];
    },
    "steward.invariants",
    "1 to 7 invariants",
  ],
  [
    "a steward who guards the stewards",
    (d) => {
      d.steward.guardian = steward;
    },
    "steward.guardian",
    "thief of the key",
  ],
  [
    "a parameter twice",
    (d) => {
      d.steward.parameters[1].id = "ETH/USD.imr";
    },
    "steward.parameters.1.id",
    "replace the earlier",
  ],
  [
    "a fund of a contract that is not there",
    (d) => {
      d.fund.contract = "Valt";
    },
    "fund.contract",
    "Allowed: Vault",
  ],
  [
    "a market with two caps",
    (d) => {
      d.fund.caps.push(d.fund.caps[0]);
    },
    "fund.caps.1.market",
    "each once",
  ],
  [
    "a model hash of zero",
    (d) => {
      d.margin.modelHash = `0x${"0".repeat(64)}`;
    },
    "margin.modelHash",
    "not all zero",
  ],
  [
    "a guardian who is nobody",
    (d) => {
      d.council.guardians[0] = `0x${"0".repeat(40)}`;
    },
    "council.guardians.0",
    "Nobody has its key",
  ],
  [
    "a slow wallet that is nobody",
    (d) => {
      d.slowWallet = `0x${"0".repeat(40)}`;
    },
    "slowWallet",
    "Nobody has its key",
  ],
  [
    "a contract with a module's name",
    (d) => {
      d.protect[0].name = "oracle";
    },
    "protect.0.name",
    "the name of a module",
  ],
  [
    "an unknown field",
    (d) => {
      d.timelock.delay = 1;
    },
    "timelock.delay",
    "Allowed keys: delaySeconds",
  ],
  [
    "an unknown module",
    (d) => {
      d.bounty = {};
    },
    "bounty",
    "unknown key",
  ],
  [
    "a wrong checksum",
    (d) => {
      d.protect[0].address = mixed;
    },
    "protect.0.address",
    "EIP-55",
  ],
  [
    "a name that does not fit into 32 bytes",
    (d) => {
      d.groups[0].name = "x".repeat(32);
    },
    "groups.0.name",
    "1 to 31 ASCII",
  ],
])("error: %s is refused with the reason", (_, change, place, reason) => {
  const said = refusals(broken(change));
  expect(
    said.find((line) => line.startsWith(`${place}: `) && line.includes(reason)),
    said.join("\n"),
  ).toBeDefined();
});
