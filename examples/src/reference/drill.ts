// The attack suite on ReferencePerp, in the shape that `testudo drill` loads by module path.
import { toLower } from "@testudo/core/model/Hex";
import { drillAccount } from "testudo/drill/drillAccount";
import type { EmbeddedScenario } from "testudo/drill/Scenario";
import type { Address } from "viem";
import { openSession, rpc } from "../curie/ChainSession.ts";
import { openAttackStage } from "./attackStage.ts";
import { listAttacks, type SuiteEntry } from "./attackSuite.ts";
import { ask } from "./Director.ts";
import { deployHardened, deployNaive, type Source } from "./ReferenceWorld.ts";

const protocol = "ReferencePerp";
// All modules in one contract's constructor, in one transaction: more than a public chain takes.
const anvilArgs = ["--disable-code-size-limit", "--gas-limit", "500000000"];
/** What the naive oracle believes, where it is not the pool's price of the moment. */
const believed: { readonly [name: string]: Source } = { "02_TwapOnThinPair": "TWAP", "04_StalePrice": "FEED" };
// The council has five members, of which the drill plays three.
const asleep = [8, 9].map((index) => toLower(drillAccount(index).address));

/** Every attack of the suite. */
export const scenarios: readonly EmbeddedScenario[] = listAttacks().map(toScenario);

function toScenario(entry: SuiteEntry): EmbeddedScenario {
  return {
    name: entry.name,
    kind: kebab(entry.contract),
    protocol,
    anvilArgs,
    async setup({ rpcUrl, seed }) {
      const session = await openSession(rpcUrl);
      await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
      const world = await deployNaive(session, believed[entry.name] ?? "SPOT");
      return openAttackStage(session, world, entry, { seed, bounded: false });
    },
    async setupDefended({ rpcUrl, seed, guardians }) {
      const session = await openSession(rpcUrl);
      const world = await deployHardened(session, [...guardians, ...asleep]);
      const stage = await openAttackStage(session, world, entry, { seed, bounded: true });
      const part = async (name: string) => toLower(await ask<Address>(session, world.world, name));
      const [breaker, council, timelock] = [await part("breaker"), await part("council"), await part("timelock")];
      // The world itself is the slow wallet of this rehearsal.
      return { stage, defence: { breaker, council, timelock, safe: world.world.address, guardians } };
    },
  };
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
