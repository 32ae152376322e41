import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { compile } from "@testudo/contracts/compile";
import type { Address, Hex } from "viem";
import { encodeDeployData, encodeFunctionData, getContractAddress, parseAbi } from "viem/utils";
import { beforeAll, expect, test } from "vitest";
import { getCast } from "./Cast.ts";
import { type ChainSession, execute, openSession, rpc } from "./ChainSession.ts";
import type { Wrap } from "./deployCurie.ts";
import { clearingHouseManifest, vaultManifest } from "./manifest.ts";
import type { LossReport } from "./measureLoss.ts";
import { playStage } from "./playStage.ts";
import { readMarket } from "./readSolvency.ts";
import type { ReviewedTx } from "./reviewTxs.ts";
import type { ProbeResult } from "./riskReducingProbe.ts";
import { curieScenario, type Stage } from "./scenario.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

// Curie behind the real GateProxy; the test's own account plays the breaker that writes its pause words.
const controller = getCast().deployer;
const breakerAbi = parseAbi(["function writePause(bytes4 selector, uint256 word)"]);
const forever = 2n ** 40n - 1n;
function gateBuild() {
  const script = createRequire(import.meta.url).resolve("@testudo/contracts/compile");
  return compile([resolve(dirname(script), "../src/GateProxy.sol")]).GateProxy!;
}

function wrapWithGate(rpcUrl: string): Wrap {
  return async (name, implementation, initData) => {
    const session = await openSession(rpcUrl);
    const { abi, bytecode } = gateBuild();
    const args = [implementation, initData, controller.address, controller.address];
    const count = await rpc<Hex>(session.client, "eth_getTransactionCount", [controller.address, "latest"]);
    const data = encodeDeployData({ abi, bytecode, args });
    await execute(session, [{ from: controller, data, gas: 9_000_000n }], `${name}'s gate`);
    return getContractAddress({ from: controller.address, nonce: BigInt(count) });
  };
}

const pausedSelectors = (stage: Stage): [Address, Hex][] => [
  ...vaultManifest.filter((e) => e.class === "outflow").map((e): [Address, Hex] => [stage.system.vault, e.selector]),
  ...clearingHouseManifest
    .filter((e) => e.class === "riskIncreasing")
    .map((e): [Address, Hex] => [stage.system.clearingHouse, e.selector]),
];

async function pause(session: ChainSession, stage: Stage): Promise<void> {
  const write = ([to, selector]: [Address, Hex]) => ({
    from: controller,
    to,
    data: encodeFunctionData({ abi: breakerAbi, functionName: "writePause", args: [selector, forever] }),
  });
  await execute(session, pausedSelectors(stage).map(write), "the pause");
}

type Play = {
  sent: ReviewedTx[];
  probes: ProbeResult[];
  loss: LossReport;
  lossUsd: number;
  vaultUsdc: [bigint, bigint];
};

/** One whole play with a pause in the block after `pauseAfterSlot`. */
async function playGated(pauseAfterSlot: number): Promise<Play> {
  const anvil = await startAnvil();
  try {
    return await playOn(anvil, pauseAfterSlot);
  } finally {
    await anvil.stop();
  }
}

async function playOn({ rpcUrl }: Anvil, pauseAfterSlot: number): Promise<Play> {
  const session = await openSession(rpcUrl);
  const stage = await curieScenario.setup({ rpcUrl, seed: 1, wrap: wrapWithGate(rpcUrl) });
  const readVault = async () => (await readMarket(session, stage.system)).vaultUsdc;
  let [probes, vaultAtPause]: [ProbeResult[], bigint] = [[], 0n];
  await playStage(session, stage, async (slot) => {
    if (slot !== pauseAfterSlot) return;
    await pause(session, stage);
    vaultAtPause = await readVault();
    probes = await stage.riskReducing();
  });
  const [sent, vaultAtEnd] = [await stage.review(), await readVault()];
  await stage.settle();
  const [loss, lossUsd] = [await stage.loss(), await stage.lossUsd()];
  return { sent, probes, loss, lossUsd, vaultUsdc: [vaultAtPause, vaultAtEnd] };
}

const pauseAfterSlot = 9;
let play: Play;
beforeAll(async () => {
  play = await playGated(pauseAfterSlot);
});

const after = (role: ReviewedTx["role"]) => play.sent.filter((tx) => tx.role === role && tx.slot > pauseAfterSlot);

test("INTEG-04: behind the gate, a pause between the two pumps leaves the others without loss", () => {
  expect(play.lossUsd).toBe(0);
  expect(play.loss.unsettledBadDebtUsdc).toBe(0n);
  expect(play.loss.attackerGainUsdc).toBeLessThan(0n);
});

test("INTEG-04: nobody takes money out of the Vault while withdrawals are paused", () => {
  const [atPause, atEnd] = play.vaultUsdc;
  expect(atEnd).toBeGreaterThanOrEqual(atPause);
});

test("INTEG-04: closing, adding margin, removing liquidity and liquidation go through the pause", () => {
  expect(play.probes.map(({ name, ok }) => ({ name, ok }))).toMatchInlineSnapshot(`
    [
      {
        "name": "deposit",
        "ok": true,
      },
      {
        "name": "closePosition",
        "ok": true,
      },
      {
        "name": "removeLiquidity",
        "ok": true,
      },
      {
        "name": "liquidate",
        "ok": true,
      },
    ]
  `);
});

test("before the pause the gate refuses nothing", () => {
  expect(play.sent.filter((tx) => tx.slot <= pauseAfterSlot && tx.outcome !== "success")).toEqual([]);
});

test("of the honest traffic the pause blocks what it names and nothing else fails", () => {
  const refused = after("benign").filter((tx) => tx.outcome !== "success");
  expect(new Set(refused.map((tx) => tx.outcome))).toEqual(new Set(["blocked"]));
  const paused = ["add liquidity", "arbitrage", "open long", "open short", "withdraw"];
  expect(refused.filter((tx) => !paused.includes(tx.label))).toEqual([]);
  expect(after("benign").some((tx) => tx.label === "close" && tx.outcome === "success")).toBe(true);
});

test("the attackers go on trying to pump, and are blocked each time", () => {
  const pumps = after("attack").filter((tx) => tx.label === "A pumps the pool");
  expect(pumps.map((tx) => tx.outcome)).toEqual(["blocked", "blocked", "blocked"]);
});

test("a pause that comes after the second pump keeps the profit in the Vault, though the claim to it stands", async () => {
  const late = await playGated(12);
  const attempts = late.sent.filter((tx) => tx.label.startsWith("B withdraws"));
  expect(attempts.length).toBeGreaterThanOrEqual(5);
  expect(new Set(attempts.map((tx) => tx.outcome))).toEqual(new Set(["blocked"]));
  expect(late.loss.attackerWalletGainUsdc).toBeLessThan(0n);
  expect(late.loss.attackerClaimUsdc).toBeGreaterThan(700_000n * 10n ** 6n);
  expect(late.loss.unsettledBadDebtUsdc).toBeGreaterThan(100_000n * 10n ** 6n);
});
