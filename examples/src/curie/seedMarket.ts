import type { Address, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { encodeFunctionData } from "viem/utils";
import { type Cast, everyone } from "./Cast.ts";
import { type Call, type ChainSession, execute, rpc, skipTime } from "./ChainSession.ts";
import { mockAbi } from "./curieAbi.ts";
import { curieBuild } from "./curieArtifacts.ts";
import { addLiquidity, deposit, moveSpot, openLong, openShort, type Range, usdc, wad } from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import type { Random } from "./Random.ts";
import { sqrtPriceX96FromWad } from "./SqrtPrice.ts";

/** Where traders of the seeded market stand; the traffic and the probe choose from these groups. */
export type SeededMarket = {
  /** Hold a small position with little leverage. */
  readonly holders: readonly LocalAccount[];
  /** Hold no position. */
  readonly flat: readonly LocalAccount[];
  /** Longs that the fall to the honest price left below the maintenance margin. */
  readonly underwaterLongs: readonly LocalAccount[];
  /** Shorts with high leverage, healthy at the honest price, ruined by a pump. */
  readonly riskyShorts: readonly LocalAccount[];
};

/** The market opens here and falls to `honestPriceWad` while it is seeded. */
export const startPriceWad = wad(109);
/** The index's price when the drill begins. */
export const honestPriceWad = wad(100);
/** Ticks 39120 to 53940 are 50 to 220 USD, 45900 to 46200 are 98.5 to 101.5 USD. */
export const wideRange: Range = { lowerTick: 39_120, upperTick: 53_940 };
export const tightRange: Range = { lowerTick: 45_900, upperTick: 46_200 };

// The last risky shorts are on the brink: they fall below margin at 104 USD, where the last old long rises above it. So
// someone is open to liquidation at every price, which the probe of liquidation needs.
const sparedShorts = 4;

// Curie's mark price looks back 30 minutes; after this long only the newest price counts.
const pastEveryTwap = 2_000;

/**
 * Fills a fresh deployment: a fund of 300,000 USD, two tight makers with most of the depth, one thin wide maker, and 36
 * traders of whom 26 hold positions. Ends with pool and index at the honest price. Takes nothing but the seed's numbers,
 * so the same seed gives the same chain.
 */
export async function seedMarket(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  random: Random,
): Promise<SeededMarket> {
  const groups = groupTraders(cast);
  await fund(session, system, cast, groups, random);
  await skipTime(session, pastEveryTwap);
  await execute(session, [addLiquidity(system, cast.wideMaker, wideRange, wad(10_000), wad(410_000))], "wide maker");
  await skipTime(session, 60);
  const caught = groups.underwaterLongs.map((trader) => openLong(system, trader, wad(7_000)));
  await execute(session, caught, "longs at the old price");
  await fallToHonestPrice(session, system, cast);
  await execute(session, tightLiquidity(system, cast), "tight makers");
  await openPositions(session, system, groups, random);
  await recentre(session, system, cast);
  return groups;
}

/** Everyone's first balance in USDC units, by account: deposits come out of it, the rest stays in the wallet. */
function wallets(cast: Cast): [LocalAccount, bigint][] {
  const traders = cast.traders.map((trader): [LocalAccount, bigint] => [trader, usdc(40_000)]);
  return [
    ...traders,
    ...cast.tightMakers.map((m): [LocalAccount, bigint] => [m, usdc(400_000)]),
    [cast.wideMaker, usdc(200_000)],
    ...cast.smallMakers.map((m): [LocalAccount, bigint] => [m, usdc(40_000)]),
    [cast.keeper, usdc(360_000)],
    [cast.arbitrageur, usdc(160_000)],
    [cast.spotTrader, usdc(1_000_000)],
    [cast.attackerA, usdc(400_000)],
    [cast.attackerB, usdc(350_000)],
  ];
}

async function fund(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  groups: SeededMarket,
  random: Random,
): Promise<void> {
  const { client } = session;
  const gasMoney = "0x3635c9adc5dea00000";
  await Promise.all(everyone(cast).map((a) => rpc(client, "anvil_setBalance", [a.address, gasMoney])));
  const mint = (to: Address, amount: bigint): Call => ({
    from: cast.deployer,
    to: system.usdc,
    data: encodeFunctionData({ abi: mockAbi, functionName: "mint", args: [to, amount] }),
    gas: 100_000n,
  });
  const mints = wallets(cast).map(([account, amount]) => mint(account.address, amount));
  await execute(session, [...mints, mint(system.insuranceFund, usdc(300_000))], "wallets");
  const approvals = wallets(cast).flatMap(([account]) =>
    [system.vault, system.spot].map((spender) => approve(system, account, spender)),
  );
  await execute(session, approvals, "approvals");
  const insured = {
    from: cast.deployer,
    to: system.insuranceFund,
    data: encodeFunctionData({ abi: curieBuild("InsuranceFund").abi, functionName: "deposit" }),
  };
  await execute(session, [insured, ...deposits(system, cast, groups, random)], "deposits");
}

function approve(system: CurieSystem, from: LocalAccount, spender: Address): Call {
  const data = encodeFunctionData({ abi: mockAbi, functionName: "approve", args: [spender, maxUint256] });
  return { from, to: system.usdc, data, gas: 100_000n };
}

function deposits(system: CurieSystem, cast: Cast, groups: SeededMarket, random: Random): Call[] {
  const put = (account: LocalAccount, dollars: number) => deposit(system, account, usdc(dollars));
  return [
    ...cast.tightMakers.map((maker) => put(maker, 360_000)),
    put(cast.wideMaker, 160_000),
    ...cast.smallMakers.map((maker) => put(maker, 20_000)),
    put(cast.keeper, 320_000),
    put(cast.arbitrageur, 130_000),
    ...groups.underwaterLongs.map((trader) => put(trader, 900)),
    ...groups.riskyShorts.map((trader, i) => put(trader, i < sparedShorts ? 2_600 : 1_870)),
    ...[...groups.holders, ...groups.flat].map((trader) => put(trader, random.between(8_000, 14_000))),
  ];
}

function groupTraders(cast: Cast): SeededMarket {
  const { traders } = cast;
  const [a, b, c] = [traders.slice(0, 3), traders.slice(3, 9), traders.slice(9, 19)];
  return { underwaterLongs: a, riskyShorts: b, flat: c, holders: traders.slice(19) };
}

// In two steps, because Curie lets the pool move by 10 % in 15 s at most.
async function fallToHonestPrice(session: ChainSession, system: CurieSystem, cast: Cast): Promise<void> {
  for (const price of [wad(104), honestPriceWad]) {
    await skipTime(session, 60);
    const fall = openShort(system, cast.arbitrageur, wad(300_000), sqrtPriceX96FromWad(price));
    await execute(session, [moveSpot(system, cast.spotTrader, price), fall], "the market falls");
  }
  await skipTime(session, pastEveryTwap);
}

function tightLiquidity(system: CurieSystem, cast: Cast): Call[] {
  const large = cast.tightMakers.map((maker) => addLiquidity(system, maker, tightRange, wad(12_500), wad(2_000_000)));
  const small = cast.smallMakers.map((maker) => addLiquidity(system, maker, wideRange, wad(40), wad(3_000)));
  return [...large, ...small];
}

async function openPositions(
  session: ChainSession,
  system: CurieSystem,
  groups: SeededMarket,
  random: Random,
): Promise<void> {
  const holders = groups.holders.map((trader, i) => {
    const quote = wad(random.between(1_500, 4_000));
    return i % 2 === 0 ? openLong(system, trader, quote) : openShort(system, trader, quote);
  });
  const risky = groups.riskyShorts.map((trader) => openShort(system, trader, wad(18_000)));
  await execute(session, [...holders, ...risky], "traders' positions");
}

// The traders' first trades left the pool a little off; the drill starts from one clean price everywhere.
async function recentre(session: ChainSession, system: CurieSystem, cast: Cast): Promise<void> {
  const limit = sqrtPriceX96FromWad(honestPriceWad);
  await execute(session, [openLong(system, cast.arbitrageur, wad(500_000), limit)], "recentre");
  await skipTime(session, pastEveryTwap);
}
