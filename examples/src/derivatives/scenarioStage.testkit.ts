// The rehearsal's perpetual and lender with twelve honest traders, a thin pool behind the index and an honest feed.
import { fileURLToPath } from "node:url";
import { startAnvil } from "@testudo/chain/startAnvil";
import { compile } from "@testudo/contracts/compile";
import { lendingDetectors, perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { useDetector } from "@testudo/core/model/Detector";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { type Address, encodeFunctionData, type LocalAccount, maxUint256 } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { type Call, type ChainSession, execute, openSession, rpc, submit } from "../curie/ChainSession.ts";
import type { Build } from "../curie/curieArtifacts.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { createRandom } from "../curie/Random.ts";
import { ownBuild } from "../morpho/morphoArtifacts.ts";
import { openSuiteWatch, type SuiteWatch } from "./SuiteWatch.ts";
import { scenarioLenderAdapter, scenarioPerpAdapter } from "./scenarioAdapters.ts";

export type ScenarioStage = {
  readonly session: ChainSession;
  readonly watch: SuiteWatch;
  readonly perp: Address;
  readonly lender: Address;
  readonly money: Address;
  readonly token: Address;
  readonly pool: Address;
  readonly selfTrader: Address;
  readonly traders: readonly LocalAccount[];
  readonly crooks: readonly [LocalAccount, LocalAccount];
  readonly block: (calls: readonly Call[]) => Promise<Finding[]>;
  readonly trade: (from: number, count: number) => Promise<Finding[]>;
  readonly close: () => Promise<void>;
};

export const units = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n;
export const startPrice = 100;

const mnemonic = "test test test test test test test test test test test junk";
const at = (addressIndex: number) => mnemonicToAccount(mnemonic, { accountIndex: 17, addressIndex });
const manager = at(0);
const traders = Array.from({ length: 12 }, (_, i) => at(3 + i));
const crooks = [at(1), at(2)] as const;

let builds: Record<string, Build> | undefined;

function ownContract(name: "ScenarioPerp" | "SelfTrader" | "ScenarioLender"): Build {
  const file = fileURLToPath(new URL("../../src/derivatives/contracts/ScenarioPerp.sol", import.meta.url));
  builds ??= compile([file]) as Record<string, Build>;
  return builds[name]!;
}

export function callOf(
  from: LocalAccount,
  to: Address,
  contract: Parameters<typeof ownContract>[0],
  functionName: string,
  ...args: readonly unknown[]
): Call {
  return {
    from,
    to,
    data: encodeFunctionData({ abi: ownContract(contract).abi, functionName, args }),
    gas: 10_000_000n,
  };
}

export function coinCall(from: LocalAccount, to: Address, functionName: string, ...args: readonly unknown[]): Call {
  return { from, to, data: encodeFunctionData({ abi: ownBuild("Coin").abi, functionName, args }) };
}

/** Sells `amount` of `token` at the pool. */
export function swap({ pool }: Pick<ScenarioStage, "pool">, from: LocalAccount, token: Address, amount: number): Call {
  return {
    from,
    to: pool,
    data: encodeFunctionData({ abi: ownBuild("SpotPool").abi, functionName: "swap", args: [token, units(amount)] }),
  };
}

export async function openScenarioStage(): Promise<ScenarioStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [12]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    for (const { address } of [manager, ...crooks, ...traders])
      await rpc(session.client, "anvil_setBalance", [address, "0x3635c9adc5dea00000"]);
    const plan = await openPlan(session, manager);
    const token = plan.deploy(ownBuild("Coin"), ["THIN", 18]);
    const money = plan.deploy(ownBuild("Coin"), ["USD", 18]);
    const pool = plan.deploy(ownBuild("SpotPool"), [token, money]);
    plan.call(ownBuild("Coin"), token, "mint", [pool, units(2_000)]);
    plan.call(ownBuild("Coin"), money, "mint", [pool, units(2_000 * startPrice)]);
    const feed = plan.deploy(ownBuild("PushFeed"), [manager.address, BigInt(startPrice) * 10n ** 8n]);
    await plan.flush("tokens and pool");
    const perp = plan.deploy(ownContract("ScenarioPerp"), [money, pool, units(100_000)]);
    const lender = plan.deploy(ownContract("ScenarioLender"), [money, token, pool, units(1_000)]);
    const selfTrader = plan.deploy(ownContract("SelfTrader"));
    await plan.flush("the protocols");
    const price = { to: toLower(feed), data: "0xfeaf968c", decimals: 8, word: 1 };
    const deviation = {
      name: "pool",
      subject: toLower(perp),
      feed: { to: toLower(pool), data: functionSelector("spotWad()"), decimals: 18, word: 0 },
      references: [price],
      twapSeconds: 0,
      maxDeviation: 0.05,
    };
    const watch = await openSuiteWatch(
      anvil.url,
      [perp, lender],
      [
        ...perpDetectors(scenarioPerpAdapter(toLower(perp), price)),
        ...lendingDetectors(scenarioLenderAdapter(toLower(lender), toLower(token), toLower(pool))),
        useDetector(detectOracleDeviation, { feeds: [deviation] }),
      ],
    );
    const block = async (calls: readonly Call[]) => {
      await submit(session, calls);
      await session.mine();
      return watch.judgeNew();
    };
    const close = async () => {
      watch.close();
      await anvil.stop();
    };
    const places = { perp, lender, money, token, pool, selfTrader };
    await fund(session, places);
    const trade = (from: number, count: number) => tradeHonestly(block, perp, from, count);
    return { session, watch, ...places, traders, crooks, block, trade, close };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

type Places = Pick<ScenarioStage, "perp" | "lender" | "money" | "token" | "pool" | "selfTrader">;

async function fund(session: ChainSession, { perp, lender, money, token, pool, selfTrader }: Places): Promise<void> {
  const everyone = [manager, ...crooks, ...traders];
  const rich = (who: LocalAccount) => (crooks.includes(who as never) || who === manager ? 2_000_000 : 20_000);
  await execute(
    session,
    everyone.flatMap((who) => [
      coinCall(manager, money, "mint", who.address, units(rich(who))),
      coinCall(manager, token, "mint", who.address, units(800)),
      ...[perp, lender, pool, selfTrader].flatMap((spender) =>
        [money, token].map((coin) => coinCall(who, coin, "approve", spender, maxUint256)),
      ),
    ]),
    "money",
  );
  await execute(
    session,
    [
      callOf(manager, perp, "ScenarioPerp", "addLiquidity", units(400_000)),
      coinCall(manager, money, "transfer", lender, units(300_000)),
      ...traders.map((who) => callOf(who, perp, "ScenarioPerp", "deposit", units(10_000))),
    ],
    "the makers' money and margins",
  );
}

/** Small trades both ways, funding as it should be, and loans of a tenth of the collateral. */
async function tradeHonestly(
  block: ScenarioStage["block"],
  perp: Address,
  from: number,
  count: number,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (let i = from; i < from + count; i++) {
    const random = createRandom(104_729 * i + 3);
    const who = (n: number) => traders[(3 * i + n) % traders.length]!;
    const side = (n: number) => ((i + n) % 2 === 0 ? 1 : -1);
    found.push(
      ...(await block([
        ...[0, 1, 2].map((n) => callOf(who(n), perp, "ScenarioPerp", "trade", units(side(n) * random.between(5, 9)))),
        callOf(manager, perp, "ScenarioPerp", "accrue"),
      ])),
    );
  }
  return found;
}
