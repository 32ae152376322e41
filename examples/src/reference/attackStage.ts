import type { Stage } from "testudo/drill/Scenario";
import type { Hex } from "viem";
import { type ChainSession, execute, rpc, submit } from "../curie/ChainSession.ts";
import type { SuiteEntry } from "./attackSuite.ts";
import { openBystanders, showWaysOut } from "./bystanders.ts";
import { ask, attacker, callOf, deploy, director, type Standing } from "./Director.ts";
import { planHonest } from "./honestTraffic.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";
import { readSurface } from "./readSurface.ts";
import { referenceProgramSource } from "./referenceProgramSource.ts";

const usd = 1_000_000n;
const slotsBefore = 3;
const slotsAfter = 2;

/**
 * An attack on a world that stands, ready for its first slot. `bounded` on the hardened one; `isOpen` where makers are
 * there before the attacker, so that honest people can trade.
 */
export async function openAttackStage(
  session: ChainSession,
  world: ReferenceWorld,
  entry: SuiteEntry,
  options: { readonly seed: number; readonly bounded: boolean; readonly isOpen: boolean },
): Promise<Stage> {
  const attack = await deploy(session, attacker, entry.contract, [world.world.address]);
  const [ownUsd, ownBase] = await ask<readonly [bigint, bigint]>(session, attack, "capital");
  await execute(
    session,
    [
      callOf(director, world.world, "grant", [attack.address, ownUsd, ownBase]),
      callOf(director, world.world, "grant", [world.maker.address, 2_000n * usd, 0n]),
      callOf(attacker, attack, "begin"),
    ],
    "the attacker's capital",
  );
  const steps = Number(await ask<bigint>(session, attack, "steps"));
  if (options.isOpen) await openBystanders(session, world);
  const bound = await ask<bigint>(session, attack, "bound");
  const protect = options.bounded ? [await readSurface(session, world)] : [];
  return {
    protect,
    slots: slotsBefore + steps + slotsAfter,
    firstBadSlot: slotsBefore,
    ...(options.bounded ? { boundUsd: Number(bound) / 1e6 } : {}),
    programOf: (defence, chainId) => referenceProgramSource(world, protect, defence, chainId),
    act: (slot) => act(session, world, attack, slot, steps, options.seed),
    settle: async () => {
      if (options.bounded && !options.isOpen) await openBystanders(session, world);
    },
    lossUsd: async () => Number(await ask<bigint>(session, attack, "lost")) / 1e6,
    riskReducing: (mine = session.mine) => showWaysOut({ ...session, mine }, world),
    contrast: async () => [],
  };
}

async function act(
  session: ChainSession,
  world: ReferenceWorld,
  attack: Standing,
  slot: number,
  steps: number,
  seed: number,
) {
  const step = slot - slotsBefore;
  const isAttack = step >= 0 && step < steps;
  if (isAttack) await waitFor(session, Number(await ask<bigint>(session, attack, "waitBefore", [BigInt(step)])));
  const planned = [
    ...planHonest(slot, seed, world).map((plan) => ({ ...plan, role: "benign" as const })),
    ...(isAttack ? await planOthers(session, attack, step) : []),
    ...(isAttack
      ? [{ label: `step ${step + 1}`, call: callOf(attacker, attack, "run", [BigInt(step)]), role: "attack" as const }]
      : []),
  ];
  const hashes = await submit(
    session,
    planned.map(({ call }) => call),
  );
  return planned.map(({ role, label }, i) => ({ hash: hashes[i]!, role, label }));
}

// What befalls the attack's step from outside: stolen keys, the market's move. The attack's own story, so never benign.
async function planOthers(session: ChainSession, attack: Standing, step: number) {
  const deeds = await ask<readonly { to: Hex; data: Hex }[]>(session, attack, "others", [BigInt(step)]);
  const gas = 20_000_000n;
  return deeds.map(({ to, data }) => ({
    label: "others",
    call: { from: director, to, data, gas },
    role: "attack" as const,
  }));
}

// The block that this slot is in comes as much later as the attacker waits.
async function waitFor(session: ChainSession, seconds: number): Promise<void> {
  const block = await session.client.getBlock({ blockTag: "latest" });
  await rpc(session.client, "evm_setNextBlockTimestamp", [Number(block.timestamp) + seconds]);
}
