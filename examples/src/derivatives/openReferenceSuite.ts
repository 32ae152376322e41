// ReferencePerp on modules that defend nothing, with a crowd of honest traders and the suite watching.
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { referencePerpAdapter } from "@testudo/core/adapters/referencePerpAdapter";
import { type DerivativeOverrides, perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import type { Scope } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { PerpAdapter } from "@testudo/core/model/PerpAdapter";
import { type ChainSession, execute, openSession, rpc, submit } from "../curie/ChainSession.ts";
import { ask, attacker, callOf, deploy, director } from "../reference/Director.ts";
import { market } from "../reference/honestTraffic.ts";
import { deployNaive, type ReferenceWorld, type Scene } from "../reference/ReferenceWorld.ts";
import { noteRequests, openCrowd, planCrowd, type TraderCrowd } from "../reference/traderCrowd.ts";
import { openSuiteWatch, type SuiteWatch } from "./SuiteWatch.ts";

export type ReferenceSuite = {
  readonly session: ChainSession;
  readonly world: ReferenceWorld;
  readonly crowd: TraderCrowd;
  readonly adapter: PerpAdapter;
  readonly watch: SuiteWatch;
  /** Plays `count` slots of honest trading from `from` on, one block each, and judges them. */
  readonly trade: (from: number, count: number) => Promise<Finding[]>;
  /** The suite's attack `contract`, its capital granted, step by step, each in a block of its own. */
  readonly attack: (contract: string) => Promise<Finding[]>;
  readonly close: () => Promise<void>;
};

const seed = 7;

export async function openReferenceSuite(
  source: Scene["source"],
  traders: number,
  overrides: DerivativeOverrides = {},
  options: { readonly perSlot?: number; readonly scopes?: readonly Scope[] } = {},
): Promise<ReferenceSuite> {
  const args = ["--disable-code-size-limit", "--gas-limit", "500000000"];
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000, args });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    const world = await deployNaive(session, { source, hardened: "HardenedWorld" });
    const crowd = await openCrowd(session, world, traders, options.perSlot);
    const adapter = await adapterOf(session, world);
    const detectors = perpDetectors(adapter, overrides);
    const watch = await openSuiteWatch(anvil.url, [world.perp.address], detectors, options.scopes);
    const close = async () => {
      watch.close();
      await anvil.stop();
    };
    const trade = async (from: number, count: number) => {
      const found: Finding[] = [];
      for (let slot = from; slot < from + count; slot++) {
        const hashes = await submit(session, planCrowd(crowd, world, slot, seed));
        await session.mine();
        await noteRequests(session, crowd, world, hashes);
        found.push(...(await watch.judgeNew()));
      }
      return found;
    };
    const attack = (contract: string) => playAttack(session, world, watch, contract);
    return { session, world, crowd, adapter, watch, trade, attack, close };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function adapterOf(session: ChainSession, { world, perp }: ReferenceWorld): Promise<PerpAdapter> {
  const part = async (name: string) => toLower(await ask<Address>(session, world, name));
  const feed = await part("feedA");
  const reference = { to: feed, data: "0xfeaf968c", decimals: 8, word: 1 };
  return referencePerpAdapter({
    perp: perp.address,
    oracle: await part("oracle"),
    parameters: await part("parameters"),
    fund: await part("fund"),
    decimals: 6,
    markets: [{ name: "BASE/USD", id: market, reference }],
  });
}

async function playAttack(
  session: ChainSession,
  { world }: ReferenceWorld,
  watch: SuiteWatch,
  contract: string,
): Promise<Finding[]> {
  const attack = await deploy(session, attacker, contract, [world.address]);
  const [usd, base] = await ask<readonly [bigint, bigint]>(session, attack, "capital");
  await execute(session, [callOf(director, world, "grant", [attack.address, usd, base])], "the attacker's capital");
  await execute(session, [callOf(attacker, attack, "begin")], "the attack begins");
  const steps = Number(await ask<bigint>(session, attack, "steps"));
  const found: Finding[] = await watch.judgeNew();
  for (let step = 0n; step < steps; step++) {
    const wait = Number(await ask<bigint>(session, attack, "waitBefore", [step]));
    const block = await session.client.getBlock({ blockTag: "latest" });
    await rpc(session.client, "evm_setNextBlockTimestamp", [Number(block.timestamp) + wait]);
    await submit(session, [callOf(attacker, attack, "run", [step])]);
    await session.mine();
    found.push(...(await watch.judgeNew()));
  }
  return found;
}
