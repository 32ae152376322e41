import type { Shown, Stage } from "testudo/drill/Scenario";
import type { Hex } from "viem";
import { type ChainSession, execute, readReceipts, rpc, skipTime, submit } from "../curie/ChainSession.ts";
import type { SuiteEntry } from "./attackSuite.ts";
import { suiteBuild } from "./attackSuite.ts";
import { ask, attacker, callOf, deploy, director, type Standing } from "./Director.ts";
import { by, market, planHonest } from "./honestTraffic.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";
import { readSurface } from "./readSurface.ts";
import { referenceProgramSource } from "./referenceProgramSource.ts";

const usd = 1_000_000n;
const slotsBefore = 3;
const slotsAfter = 2;

/** An attack on a world that stands, ready for its first slot. `bounded` on the hardened one. */
export async function openAttackStage(
  session: ChainSession,
  world: ReferenceWorld,
  entry: SuiteEntry,
  options: { readonly seed: number; readonly bounded: boolean },
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
  const weak = await openWeakPosition(session, world);
  const bound = await ask<bigint>(session, attack, "bound");
  const protect = options.bounded ? [await readSurface(session, world)] : [];
  return {
    protect,
    slots: slotsBefore + steps + slotsAfter,
    firstBadSlot: slotsBefore,
    ...(options.bounded ? { boundUsd: Number(bound) / 1e6 } : {}),
    programOf: (defence, chainId) => referenceProgramSource(world, protect, defence, chainId),
    act: (slot) => act(session, world, attack, slot, steps, options.seed),
    settle: async () => undefined,
    lossUsd: async () => Number(await ask<bigint>(session, attack, "lost")) / 1e6,
    riskReducing: (mine = session.mine) => showWaysOut({ ...session, mine }, world, weak),
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

/** A long of 2 with 11 % of margin, which may be liquidated when the price has fallen by 7 %. The maker's, beside its pool. */
async function openWeakPosition(session: ChainSession, world: ReferenceWorld): Promise<Standing> {
  const { maker, perp } = world;
  const size = 2n * 10n ** 18n;
  const limit = 2n ** 128n - 1n;
  const sent = (name: string, args: readonly unknown[]) => by(world, maker, perp, name, args);
  const receipts = await execute(
    session,
    [
      sent("deposit", [1_000n * usd]),
      sent("addMargin", [market, 440n * usd]),
      sent("requestOrder", [market, size, limit]),
    ],
    "a weak position",
  );
  const id = await orderOf(session, receipts[2]!.transactionHash, perp);
  await skipTime(session, 12);
  await execute(session, [callOf(director, world.world, "refresh")], "prices");
  const buffer = { abi: suiteBuild("LatencyBuffer").abi, address: await ask<Hex>(session, world.world, "buffer") };
  const round = await ask<bigint>(session, buffer, "firstRound", [id]);
  const order = { trader: maker.address, market, size, limit };
  await execute(session, [callOf(director, perp, "executeOrder", [id, order, round])], "a weak position's order");
  return maker;
}

async function orderOf(session: ChainSession, hash: Hex, perp: Standing): Promise<Hex> {
  const receipt = await rpc<{ logs: { address: Hex; topics: Hex[] }[] }>(session.client, "eth_getTransactionReceipt", [
    hash,
  ]);
  return receipt.logs.filter((log) => log.address === perp.address).at(-1)!.topics[1]!;
}

/** Real calls that must work under every pause: paying in, closing, and, once the price has fallen, liquidation. */
async function showWaysOut(session: ChainSession, world: ReferenceWorld, weak: Standing): Promise<Shown[]> {
  const { maker, longTrader, perp } = world;
  const shown: Shown[] = [];
  const show = async (name: string, call: ReturnType<typeof callOf>) => {
    const [, hash] = await submit(session, [callOf(director, world.world, "refresh"), call]);
    await session.mine();
    const [receipt] = await readReceipts(session, [hash!]);
    shown.push({ name, ok: receipt?.status === "0x1", txHash: hash! });
  };
  await show("deposit", by(world, maker, perp, "deposit", [usd]));
  await show("closePosition", by(world, longTrader, perp, "closePosition", [market, 0n]));
  for (const price of [1_930n, 1_860n]) {
    await waitFor(session, 660);
    await submit(session, [callOf(director, world.world, "setHonest", [price * 10n ** 18n])]);
    await session.mine();
  }
  await show("liquidate", callOf(director, perp, "liquidate", [weak.address, market, 2n ** 255n]));
  return shown;
}
