// The attack suite on ReferencePerp, in the shape that `testudo drill` loads by module path.
import { toLower } from "@testudo/core/model/Hex";
import type { EmbeddedScenario } from "testudo/drill/Scenario";
import type { Address } from "viem";
import { openSession, rpc } from "../curie/ChainSession.ts";
import { openAttackStage } from "./attackStage.ts";
import { listAttacks, type SuiteEntry } from "./attackSuite.ts";
import { ask } from "./Director.ts";
import { preblockPending, preblockProbe } from "./preblock.ts";
import { deployHardened, deployNaive, type Scene } from "./ReferenceWorld.ts";

const protocol = "ReferencePerp";
// All modules in one contract's constructor, in one transaction: more than a public chain takes.
export const anvilArgs = ["--disable-code-size-limit", "--gas-limit", "500000000"];
const usual: Scene = { source: "FEED", hardened: "HardenedWorld" };
/** Where an attack finds another scene than the usual one. */
const scenes: { readonly [name: string]: Partial<Scene> } = {
  "01_SpotOracleFlashLoan": { source: "SPOT" },
  "02_TwapOnThinPair": { source: "TWAP" },
  "03_FirstDepositorDonation": { stages: 1 },
  "08_RoundingToZero": { source: "RATE", hardened: "RateWorld" },
  "10_UnrealisedProfit": { source: "SPOT" },
  "11_InsolventInheritance": { source: "SPOT" },
};
// Two of the drill's guardians sit in the council, beside five whose keys an attacker may steal.
const seats = 2;

/** Every attack of the suite, and two that are seen before their block. */
export const scenarios: readonly EmbeddedScenario[] = [
  ...listAttacks().map(toScenario),
  preblockPending,
  preblockProbe,
];

/** What `entry` finds when it comes. */
export function sceneOf(entry: SuiteEntry): Scene {
  return { ...usual, ...scenes[entry.name] };
}

function toScenario(entry: SuiteEntry): EmbeddedScenario {
  const scene = sceneOf(entry);
  return {
    name: entry.name,
    kind: kebab(entry.contract),
    protocol,
    anvilArgs,
    async setup({ rpcUrl, seed }) {
      const session = await openSession(rpcUrl);
      await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
      const world = await deployNaive(session, scene);
      return openAttackStage(session, world, entry, { seed, bounded: false, isOpen: scene.stages === undefined });
    },
    async setupDefended({ rpcUrl, seed, guardians }) {
      const session = await openSession(rpcUrl);
      const people = guardians.slice(0, seats);
      const world = await deployHardened(session, scene, people);
      const stage = await openAttackStage(session, world, entry, {
        seed,
        bounded: true,
        isOpen: scene.stages === undefined,
      });
      const part = async (name: string) => toLower(await ask<Address>(session, world.world, name));
      const [breaker, council, timelock] = [await part("breaker"), await part("council"), await part("timelock")];
      // The world itself is the slow wallet of this rehearsal.
      return { stage, defence: { breaker, council, timelock, safe: world.world.address, guardians: people } };
    },
  };
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
