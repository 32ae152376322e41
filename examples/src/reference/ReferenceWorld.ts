import type { Address } from "viem";
import { type ChainSession, execute, skipTime } from "../curie/ChainSession.ts";
import { suiteBuild } from "./attackSuite.ts";
import { ask, callOf, deploy, deployBuild, director, type Standing } from "./Director.ts";
import { preblockBuild } from "./preblockBuild.ts";

/** The reference exchange with its people, on one of the two sets of modules. */
export type ReferenceWorld = {
  readonly world: Standing;
  readonly perp: Standing;
  readonly usd: Standing;
  readonly maker: Standing;
  readonly longTrader: Standing;
  readonly shortTrader: Standing;
};

/** Which one source the naive oracle believes, in the order of NaiveWorld.sol. */
export const sources = ["SPOT", "TWAP", "FEED", "RATE"] as const;

/** What an attack finds: whom the naive oracle believes, which hardened world has the same source, how much is built. */
export type Scene = {
  readonly source: (typeof sources)[number];
  readonly hardened: "HardenedWorld" | "RateWorld";
  /** Stages of the world that stand when the attacker comes; all where it is left out. */
  readonly stages?: number;
};

/** Deploys the exchange on modules that defend nothing. */
export async function deployNaive(session: ChainSession, { source, stages }: Scene): Promise<ReferenceWorld> {
  return build(session, await deploy(session, director, "NaiveWorld", [sources.indexOf(source)]), stages);
}

/**
 * Deploys the exchange on all the modules, guarded by `people` and five contracts whose keys the director holds, and an
 * attacker may steal. At most seven in all.
 */
export async function deployHardened(
  session: ChainSession,
  { hardened, stages }: Scene,
  people: readonly Address[],
): Promise<ReferenceWorld> {
  const signers = await deploy(session, director, "Signers", []);
  const appointed = await ask<readonly Address[]>(session, signers, "appoint", [5n], director.address);
  await execute(session, [callOf(director, signers, "appoint", [5n])], "the guardians");
  return build(session, await deploy(session, director, hardened, [[...appointed, ...people]]), stages);
}

/** Deploys the naive exchange with a pause in the hands of `breaker`, which may not stand yet. */
export async function deployWatched(session: ChainSession, breaker: Address): Promise<ReferenceWorld> {
  return build(session, await deployBuild(session, director, preblockBuild("WatchedWorld"), [breaker]));
}

// Each stage is a block of its own, as much later as it says.
async function build(session: ChainSession, world: Standing, upTo?: number): Promise<ReferenceWorld> {
  const stages = upTo ?? Number(await ask<bigint>(session, world, "STAGES"));
  for (let stage = 0n; stage < stages; stage++) {
    await skipTime(session, Number(await ask<bigint>(session, world, "waitBefore", [stage])));
    await execute(session, [callOf(director, world, "build", [stage])], `stage ${stage} of the world`);
  }
  const part = async (name: string, contract: string): Promise<Standing> => ({
    abi: suiteBuild(contract).abi,
    address: (await ask<Address>(session, world, name)).toLowerCase() as Address,
  });
  return {
    world,
    perp: await part("perp", "ReferencePerp"),
    usd: await part("usd", "Token"),
    maker: await part("maker", "Actor"),
    longTrader: await part("longTrader", "Actor"),
    shortTrader: await part("shortTrader", "Actor"),
  };
}
