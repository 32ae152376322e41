// A Uniswap v3 pool on a node of its own, with an attacker and an arbitrageur who play the steps of a plan.
import { fileURLToPath } from "node:url";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { compile } from "@testudo/contracts/compile";
import type { Pool } from "@testudo/core/risk/attack/Pool";
import type { AttackStep } from "@testudo/core/risk/attack/planSteps";
import { type InitialisedTick, poolFromTicks } from "@testudo/core/risk/attack/poolFromTicks";
import type { Address } from "viem";
import { encodeFunctionData } from "viem/utils";
import { type Call, type ChainSession, execute, openSession, rpc } from "../curie/ChainSession.ts";
import { type Build, uniswapBuild } from "../curie/curieArtifacts.ts";
import { openPlan } from "../curie/DeployPlan.ts";
import { ownBuild } from "../morpho/morphoArtifacts.ts";

/** Liquidity between two ticks, in whole tokens. */
export interface StagePosition {
  readonly lower: number;
  readonly upper: number;
  readonly liquidity: number;
}

/** What the chain says after a plan was played. */
export interface PlayedPlan {
  /** Spot after each step, token1 per token0. */
  readonly spots: readonly number[];
  /** The pool's own mean over the window, read in its last block. */
  readonly mean: number;
  /** What the attacker has less than before, in token1 at the price of the start. */
  readonly loss: number;
}

export interface TwapStage {
  /** The pool as it stands, read from the chain. */
  readonly readPool: () => Promise<Pool>;
  /** Plays `steps` over `blocks` blocks; the chain is as before afterwards. */
  readonly play: (steps: readonly AttackStep[], blocks: number) => Promise<PlayedPlan>;
  readonly close: () => Promise<void>;
}

const owner = anvilAccount(0, { accountIndex: 17 });
const slotSeconds = 12;
const fee = 3_000;
const gas = 5_000_000n;
const wealth = 10n ** 30n;
/** Floats keep a billionth of a token of what plans move here. */
const toUnits = (tokens: number) => BigInt(Math.round(tokens * 1e9)) * 10n ** 9n;
const fromUnits = (units: bigint) => Number(units) / 1e18;
const priceOf = (sqrtPriceX96: bigint) => (Number(sqrtPriceX96) / 2 ** 96) ** 2;

let built: Build | undefined;
function traderBuild(): Build {
  built ??= compile([fileURLToPath(new URL("../../src/twap/contracts/PoolTrader.sol", import.meta.url))])
    .PoolTrader as Build;
  return built;
}

/** A pool of two tokens of 18 decimals at price 1, tier 0.3 %, with `positions` in it. */
export async function openTwapStage(positions: readonly StagePosition[]): Promise<TwapStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [slotSeconds]);
    await rpc(session.client, "anvil_setBalance", [owner.address, "0x3635c9adc5dea00000"]);
    const places = await deploy(session, positions);
    return {
      readPool: () => readPool(session, places.pool, positions),
      play: (steps, blocks) => play(session, places, steps, blocks),
      close: () => anvil.stop(),
    };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

interface Places {
  readonly pool: Address;
  readonly tokens: readonly [Address, Address];
  readonly attacker: Address;
  readonly arbitrageur: Address;
}

async function deploy(session: ChainSession, positions: readonly StagePosition[]): Promise<Places> {
  const plan = await openPlan(session, owner);
  const [coin, trader, factoryBuild] = [ownBuild("Coin"), traderBuild(), uniswapBuild("UniswapV3Factory")];
  const factory = plan.deploy(factoryBuild);
  const coins = [plan.deploy(coin, ["A", 18]), plan.deploy(coin, ["B", 18])] as const;
  const traders = [plan.deploy(trader), plan.deploy(trader)] as const;
  for (const token of coins) for (const of of traders) plan.call(coin, token, "mint", [of, wealth]);
  plan.call(factoryBuild, factory, "createPool", [...coins, fee]);
  await plan.flush("factory and pool");
  const read = { address: factory, abi: factoryBuild.abi, functionName: "getPool", args: [...coins, fee] };
  const pool = (await session.client.readContract(read)) as Address;
  plan.call(uniswapBuild("UniswapV3Pool"), pool, "initialize", [2n ** 96n]);
  plan.call(uniswapBuild("UniswapV3Pool"), pool, "increaseObservationCardinalityNext", [200]);
  for (const { lower, upper, liquidity } of positions)
    plan.call(trader, traders[1], "provide", [pool, lower, upper, toUnits(liquidity)]);
  await plan.flush("liquidity");
  const [token0, token1] = BigInt(coins[0]) < BigInt(coins[1]) ? coins : [coins[1], coins[0]];
  return { pool, tokens: [token0, token1], attacker: traders[0], arbitrageur: traders[1] };
}

async function readPool(session: ChainSession, pool: Address, positions: readonly StagePosition[]): Promise<Pool> {
  const { abi } = uniswapBuild("UniswapV3Pool");
  const read = (functionName: string, ...args: readonly unknown[]) =>
    session.client.readContract({ address: pool, abi, functionName, args }) as Promise<readonly unknown[]>;
  const numbers = [...new Set(positions.flatMap(({ lower, upper }) => [lower, upper]))];
  const ticks: InitialisedTick[] = [];
  for (const tick of numbers) ticks.push({ tick, liquidityNet: (await read("ticks", tick))[1] as bigint });
  const sqrtPriceX96 = (await read("slot0"))[0] as bigint;
  return poolFromTicks({ id: pool, sqrtPriceX96, ticks, decimals: [18, 18], baseIsToken0: true, fee: fee / 1e6 });
}

async function play(
  session: ChainSession,
  places: Places,
  steps: readonly AttackStep[],
  blocks: number,
): Promise<PlayedPlan> {
  const mark = await rpc(session.client, "evm_snapshot", []);
  const nonces = new Map(session.nonces);
  const before = await worthOf(session, places);
  const spots: number[] = [];
  for (let block = 0; block <= blocks; block += 1) {
    const inBlock = steps.filter((step) => step.block === block);
    const calls = inBlock.map((step) => swapOf(places, step));
    const reading = toCall(places.attacker, "readSum", [places.pool, blocks * slotSeconds]);
    await execute(session, block === blocks ? [...calls, reading] : calls, `block ${block}`);
    // Spot is known at the end of a block; a restoring swap before a push in the same block is not seen.
    if (inBlock.length > 0) spots.push(await spotOf(session, places.pool));
  }
  const loss = before - (await worthOf(session, places));
  const mean = await meanOf(session, places.attacker, blocks);
  await rpc(session.client, "evm_revert", [mark]);
  session.nonces.clear();
  for (const [account, nonce] of nonces) session.nonces.set(account, nonce);
  return { spots, mean, loss };
}

function swapOf({ pool, attacker, arbitrageur }: Places, { by, tokenIn, amountIn }: AttackStep): Call {
  return toCall(by === "attacker" ? attacker : arbitrageur, "swap", [pool, tokenIn === "base", toUnits(amountIn)]);
}

function toCall(to: Address, functionName: string, args: readonly unknown[]): Call {
  return { from: owner, to, gas, data: encodeFunctionData({ abi: traderBuild().abi, functionName, args }) };
}

async function worthOf({ client }: ChainSession, { tokens, attacker }: Places): Promise<number> {
  const { abi } = ownBuild("Coin");
  const balance = async (address: Address) =>
    fromUnits(
      ((await client.readContract({ address, abi, functionName: "balanceOf", args: [attacker] })) as bigint) - wealth,
    );
  return (await balance(tokens[0])) + (await balance(tokens[1]));
}

async function spotOf({ client }: ChainSession, address: Address): Promise<number> {
  const { abi } = uniswapBuild("UniswapV3Pool");
  const slot = (await client.readContract({ address, abi, functionName: "slot0" })) as readonly [bigint];
  return priceOf(slot[0]);
}

async function meanOf({ client }: ChainSession, address: Address, blocks: number): Promise<number> {
  const { abi } = traderBuild();
  const sum = (await client.readContract({ address, abi, functionName: "tickSum" })) as bigint;
  return 1.0001 ** (Number(sum) / (blocks * slotSeconds));
}
