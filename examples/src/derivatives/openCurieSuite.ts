// Perpetual Protocol v2 from its npm package with its seeded market, and the suite watching it from its first trade on.
import { curieAdapter } from "@testudo/core/adapters/curieAdapter";
import { type DerivativeOverrides, perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Scope } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import { toLower } from "@testudo/core/model/Hex";
import type { PerpAdapter } from "@testudo/core/model/PerpAdapter";
import { firstMarketSlot, planTraffic } from "../curie/benignTraffic.ts";
import { type Cast, getCast } from "../curie/Cast.ts";
import { type ChainSession, openSession, rpc, submit } from "../curie/ChainSession.ts";
import { type CurieSystem, deployCurie } from "../curie/deployCurie.ts";
import { openEarlyLong, planAttack } from "../curie/pumpAttack.ts";
import { createRandom } from "../curie/Random.ts";
import { isRefusedByCurie } from "../curie/reviewTxs.ts";
import { readSlotView } from "../curie/SlotView.ts";
import { type SeededMarket, seedMarket, startPriceWad } from "../curie/seedMarket.ts";
import { startAnvil } from "../curie/startAnvil.ts";
import { openSuiteWatch, type SuiteWatch } from "./SuiteWatch.ts";

export type CurieSuite = {
  readonly session: ChainSession;
  readonly system: CurieSystem;
  readonly cast: Cast;
  readonly groups: SeededMarket;
  readonly watch: SuiteWatch;
  /** What was said while the market was founded and filled. */
  readonly genesis: readonly Finding[];
  /** Plays `count` slots of honest traffic, from `from` on, and judges them. */
  readonly trade: (from: number, count: number) => Promise<Finding[]>;
  /** The thin-liquidity pump among honest traffic. */
  readonly attack: () => Promise<Finding[]>;
  readonly close: () => Promise<void>;
};

const seed = 5;
const slots = 18;

/** The adapter of a deployment, as a user writes it. */
export function curieAdapterOf(system: CurieSystem): PerpAdapter {
  return curieAdapter({
    clearingHouse: toLower(system.clearingHouse),
    vault: toLower(system.vault),
    accountBalance: toLower(system.accountBalance),
    exchange: toLower(system.exchange),
    insuranceFund: toLower(system.insuranceFund),
    clearingHouseConfig: toLower(system.config),
    markets: [{ name: "vTHIN", baseToken: toLower(system.baseToken), pool: toLower(system.pool) }],
  });
}

export async function openCurieSuite(
  overrides: DerivativeOverrides = {},
  scopes: readonly Scope[] = ["X", "L", "T"],
  secondsPerBlock = 2,
): Promise<CurieSuite> {
  const anvil = await startAnvil();
  try {
    const session = await openSession(anvil.rpcUrl);
    const cast = getCast();
    await rpc(session.client, "anvil_setBlockTimestampInterval", [secondsPerBlock]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    await rpc(session.client, "anvil_setBalance", [cast.deployer.address, "0x3635c9adc5dea00000"]);
    const system = await deployCurie(session, startPriceWad);
    const protect = [system.vault, system.clearingHouse].map(toLower);
    const watch = await openSuiteWatch(anvil.rpcUrl, protect, perpDetectors(curieAdapterOf(system), overrides), scopes);
    const groups = await seedMarket(session, system, cast, createRandom(seed));
    const genesis = await watch.judgeNew();
    const play = { session, system, cast, groups, watch };
    const close = async () => {
      watch.close();
      await anvil.stop();
    };
    return { ...play, genesis, trade: (from, count) => trade(play, from, count), attack: () => attack(play), close };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

type Play = Pick<CurieSuite, "session" | "system" | "cast" | "groups" | "watch">;

async function trade(play: Play, from: number, count: number): Promise<Finding[]> {
  const found: Finding[] = [];
  // The slots in which the honest index still moves, over and over, each time of another seed.
  for (let i = from; i < from + count; i++)
    found.push(...(await slot(play, firstMarketSlot + (i % 5), seed + i, false)));
  return found;
}

async function attack(play: Play): Promise<Finding[]> {
  await openEarlyLong(play.session, play.system, play.cast);
  const found: Finding[] = await play.watch.judgeNew();
  for (let i = 0; i < slots; i++) found.push(...(await slot(play, i, seed, true)));
  return found;
}

async function slot(
  { session, system, cast, groups, watch }: Play,
  at: number,
  ofSeed: number,
  attacked: boolean,
): Promise<Finding[]> {
  const view = await readSlotView(session, system, cast, groups);
  const traffic = planTraffic(at, ofSeed, view, system, cast, groups);
  const refused = await Promise.all(traffic.map(({ call }) => isRefusedByCurie(session, call)));
  const planned = [...(attacked ? planAttack(at, view, system, cast) : []), ...traffic.filter((_, i) => !refused[i])];
  const ordered = [...planned.filter((p) => !p.isLast), ...planned.filter((p) => p.isLast)];
  await submit(
    session,
    ordered.map(({ call }) => call),
  );
  await session.mine();
  return watch.judgeNew();
}
