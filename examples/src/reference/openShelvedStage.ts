// An attacker whose money comes from a mixer makes his contract in one block and uses it three blocks later. Somebody honest
// makes a contract for the same exchange in between.
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { toLower } from "@testudo/core/model/Hex";
import type { SentTransaction, Stage } from "testudo/drill/Scenario";
import type { Address } from "viem";
import { encodeDeployData, getContractAddress } from "viem/utils";
import { type Call, type ChainSession, execute, rpc, submit } from "../curie/ChainSession.ts";
import { openBystanders, showWaysOut } from "./bystanders.ts";
import { ask, attacker, callOf, deployBuild, director, type Standing } from "./Director.ts";
import { planHonest } from "./honestTraffic.ts";
import { preblockBuild } from "./preblockBuild.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";
import { referenceProgramSource } from "./referenceProgramSource.ts";

const usd = 1_000_000n;
const saver = anvilAccount(8);
const saved = 5_000n * usd;
/** What the attacker takes of the million and more that the exchange holds. */
const taken = 1_000_000n * usd;
const mixerHolds = 100n * 10n ** 18n;
const creationGas = 20_000_000n;

/** In which slot who acts. */
const at = { payOut: 1, box: 2, shelve: 3, save: 4, attack: 6 } as const;
const slots = 9;

type Planned = { readonly role: SentTransaction["role"]; readonly label: string; readonly call: Call };

/** The play on a world that stands, ready for its first slot, and the mixers of its chain. */
export async function openShelvedStage(
  session: ChainSession,
  { world, seed }: { readonly world: ReferenceWorld; readonly seed: number },
): Promise<{ readonly stage: Stage; readonly mixers: readonly Address[] }> {
  const mixer = await deployBuild(session, director, preblockBuild("Mixer"), []);
  await rpc(session.client, "anvil_setBalance", [mixer.address, `0x${mixerHolds.toString(16)}`]);
  await execute(
    session,
    [callOf(director, world.world, "grant", [saver.address, 2n * saved, 0n])],
    "the saver's money",
  );
  await openBystanders(session, world);
  const attack = await nextOf(session, attacker.address, "ShelvedFlashLoan");
  const box = await nextOf(session, saver.address, "SavingsBox");
  const plan = (slot: number): readonly Planned[] => [
    ...planHonest(slot, seed, world).map((planned) => ({ ...planned, role: "benign" as const })),
    ...planOwn(slot, { world, mixer, attack, box }),
  ];
  const stage: Stage = {
    protect: [],
    slots,
    firstBadSlot: at.attack,
    programOf: (defence, chainId) => referenceProgramSource(world, [], defence, chainId, [mixer.address]),
    async act(slot) {
      const planned = plan(slot);
      const hashes = await submit(
        session,
        planned.map(({ call }) => call),
      );
      return planned.map(({ role, label }, i) => ({ hash: hashes[i]!, role, label }));
    },
    settle: async () => undefined,
    lossUsd: async () => Number(await ask<bigint>(session, attack, "lost")) / 1e6,
    riskReducing: (mine = session.mine) => showWaysOut({ ...session, mine }, world),
    contrast: async () => [],
  };
  return { stage, mixers: [mixer.address] };
}

interface Parts {
  readonly world: ReferenceWorld;
  readonly mixer: Standing;
  readonly attack: Standing;
  readonly box: Standing;
}

function planOwn(slot: number, { world, mixer, attack, box }: Parts): readonly Planned[] {
  const bad = (label: string, call: Call): Planned => ({ role: "attack", label, call });
  const good = (label: string, call: Call): Planned => ({ role: "benign", label, call });
  switch (slot) {
    case at.payOut:
      return [bad("money from a mixer", callOf(director, mixer, "payOut", [attacker.address]))];
    case at.box:
      return [
        good("a savings box", creation(saver, "SavingsBox", [world.perp.address, world.usd.address])),
        good("its leave", callOf(saver, world.usd, "approve", [box.address, saved])),
      ];
    case at.shelve:
      return [bad("the attack is laid ready", creation(attacker, "ShelvedFlashLoan", [world.world.address]))];
    case at.save:
      return [good("saving", callOf(saver, box, "save", [saved]))];
    case at.attack:
      return [bad("the attack", callOf(attacker, attack, "run", [taken]))];
    default:
      return [];
  }
}

function creation(from: Call["from"], contract: Parameters<typeof preblockBuild>[0], args: readonly unknown[]): Call {
  return { from, data: encodeDeployData({ ...preblockBuild(contract), args: [...args] }), gas: creationGas };
}

/** What `from` will make as its next contract, by name. */
async function nextOf(session: ChainSession, from: Address, contract: Parameters<typeof preblockBuild>[0]) {
  const nonce = BigInt(await rpc<string>(session.client, "eth_getTransactionCount", [from, "latest"]));
  return { abi: preblockBuild(contract).abi, address: toLower(getContractAddress({ from, nonce })) };
}
