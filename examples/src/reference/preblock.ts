// Attacks that take all in one transaction: whoever acts after its block is late, whoever looks ahead is not.
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { Defence, EmbeddedScenario, ProtectedContract, Stage } from "testudo/drill/Scenario";
import { encodeDeployData, getContractAddress } from "viem/utils";
import { type ChainSession, execute, openSession, rpc } from "../curie/ChainSession.ts";
import { openAttackStage } from "./attackStage.ts";
import { listAttacks } from "./attackSuite.ts";
import { director } from "./Director.ts";
import { openShelvedStage } from "./openShelvedStage.ts";
import { deployNaive, deployWatched, type ReferenceWorld } from "./ReferenceWorld.ts";
import { surfaceOf } from "./readSurface.ts";
import { referenceProgramSource } from "./referenceProgramSource.ts";

// An account of its own, so that the breaker's address is known before the exchange that believes it.
const deployer = anvilAccount(7);
// Far apart on the chain's own clock, so that a slow machine at work before a block is not taken for a chain that stands.
const blockSeconds = 60;
const moduleGas = 15_000_000n;

/** The flash loan against a spot price, waiting in the pool like any other transaction. */
export const preblockPending = scenarioOf(
  "preblock-pending",
  "spot-oracle-flash-loan",
  "pool",
  async (session, on) => ({
    stage: await openAttackStage(session, on.world, attack(), { seed: on.seed, bounded: false, isOpen: true }),
  }),
);

/** The same by a contract that is made some blocks before it is used. */
export const preblockProbe = scenarioOf("preblock-probe", "shelved-flash-loan", "probe", openShelvedStage);

type OpenStage = (
  session: ChainSession,
  on: { readonly world: ReferenceWorld; readonly seed: number },
) => Promise<{ readonly stage: Stage; readonly mixers?: readonly Address[] }>;

function scenarioOf(
  name: string,
  kind: string,
  beforeBlock: NonNullable<EmbeddedScenario["beforeBlock"]>,
  openStage: OpenStage,
): EmbeddedScenario {
  return {
    name,
    kind,
    protocol: "ReferencePerp without its modules, with a breaker",
    beforeBlock,
    anvilArgs: ["--disable-code-size-limit", "--gas-limit", "500000000"],
    async setup({ rpcUrl, seed }) {
      const session = await open(rpcUrl);
      const world = await deployNaive(session, { source: "SPOT", hardened: "HardenedWorld" });
      return (await openStage(session, { world, seed })).stage;
    },
    async setupDefended({ rpcUrl, seed, guardians }) {
      const session = await open(rpcUrl);
      const [breaker, council] = [0n, 1n].map((nonce) =>
        toLower(getContractAddress({ from: deployer.address, nonce })),
      ) as [Address, Address];
      const world = await deployWatched(session, breaker);
      const surface = surfaceOf(world);
      const slow = toLower(director.address);
      const defence: Defence = { breaker, council, timelock: slow, safe: slow, guardians };
      await deployBreaker(session, surface, defence);
      const { stage, mixers } = await openStage(session, { world, seed });
      const programOf = (at: Defence, chainId: number) => referenceProgramSource(world, [surface], at, chainId, mixers);
      return { stage: { ...stage, protect: [surface], programOf }, defence };
    },
  };
}

async function open(rpcUrl: string): Promise<ChainSession> {
  const session = await openSession(rpcUrl);
  await rpc(session.client, "anvil_setBlockTimestampInterval", [blockSeconds]);
  return session;
}

function attack() {
  return listAttacks().find(({ contract }) => contract === "SpotOracleFlashLoan")!;
}

// The slow roles have nothing to do in so short a play; the director's key stands for them.
async function deployBreaker(
  session: ChainSession,
  { address, pausable, exempt }: ProtectedContract,
  { breaker, council, timelock, safe, guardians }: Defence,
): Promise<void> {
  const targets = [{ target: address, inlined: true, guarded: Object.values(pausable), exempt: Object.values(exempt) }];
  const creations = [
    encodeDeployData({
      ...circuitBreaker,
      args: [council, timelock, { targets, groups: [], trippers: [], programs: [] }],
    }),
    encodeDeployData({ ...guardianCouncil, args: [breaker, timelock, safe, [...guardians], 2, 3, 3] }),
  ];
  for (const data of creations) await execute(session, [{ from: deployer, data, gas: moduleGas }], "the defence");
}
