import { toLower } from "@testudo/core/model/Hex";
import type { Canary } from "@testudo/core/model/Policy";
import type { Address, Hex, LocalAccount } from "viem";
import { planTraffic } from "./benignTraffic.ts";
import { type Cast, getCast } from "./Cast.ts";
import { type Call, type ChainSession, openSession, readBlockNumber, rpc, submit } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import { curiePauseContrast, type PauseContrast } from "./curiePauseContrast.ts";
import { type CurieSystem, deployCurie, type Wrap } from "./deployCurie.ts";
import { bySignature, clearingHouseManifest, type Manifest, vaultManifest } from "./manifest.ts";
import { type LossReport, measureLoss } from "./measureLoss.ts";
import { attackSlots, openEarlyLong, planAttack } from "./pumpAttack.ts";
import { createRandom } from "./Random.ts";
import { isRefusedByCurie, type ReviewedTx, reviewTxs, type SentTx, type SlotTx } from "./reviewTxs.ts";
import { type ProbeResult, riskReducingProbe } from "./riskReducingProbe.ts";
import { readSlotView } from "./SlotView.ts";
import { type SeededMarket, seedMarket, startPriceWad } from "./seedMarket.ts";
import { settleMarket } from "./settleMarket.ts";

/** A rehearsed attack on a real protocol. */
export type Scenario = {
  readonly name: string;
  readonly kind: string;
  readonly protocol: string;
  readonly setup: (options: SetupOptions) => Promise<Stage>;
};

export type SetupOptions = {
  /** A fresh anvil, started with a fixed `--timestamp`. */
  readonly rpcUrl: string;
  readonly seed: number;
  /** Puts Vault and ClearingHouse behind a proxy; without it they stand bare. */
  readonly wrap?: Wrap;
};

/** A contract worth watching, with its functions by what a pause may do to them. */
export type ProtectedContract = {
  readonly name: string;
  readonly address: Address;
  readonly manifest: Manifest;
  /** What a pause may name: outflow and new risk. Signature to selector. */
  readonly pausable: { readonly [signature: string]: Hex };
  /** What stays live under every pause. Signature to selector. */
  readonly exempt: { readonly [signature: string]: Hex };
};

/** Something shown by a real call: `ok` is true when the claim in `name` holds. */
export type Shown = { readonly name: string; readonly ok: boolean; readonly txHash: Hex };

/** A deployed, seeded market and the play that runs on it, slot by slot; one slot is one 2 s block. */
export type Stage = {
  readonly system: CurieSystem;
  readonly protect: readonly ProtectedContract[];
  readonly slots: number;
  /** The first slot whose transactions put others' money in danger. */
  readonly firstBadSlot: number;
  readonly attackSlots: { readonly pump: readonly number[]; readonly withdraw: number };
  /** Sends the slot's transactions without waiting for a block. */
  readonly act: (slot: number) => Promise<SentTx[]>;
  /** What became of everything sent so far. */
  readonly review: () => Promise<ReviewedTx[]>;
  /** Takes mining over, lets the price return and liquidations run. */
  readonly settle: () => Promise<void>;
  /** What users, makers and fund lost, in USD at the last honest price; never below 0. */
  readonly lossUsd: () => Promise<number>;
  readonly loss: () => Promise<LossReport>;
  /** Tries the ways out of risk; `mine` gets its transactions into a block, by default `evm_mine`. */
  readonly riskReducing: (mine?: () => Promise<void>) => Promise<ProbeResult[]>;
  /** Calls to try on a fork after a pause: what a user must still be able to do, and what must be shut. */
  readonly canaries: () => Canary[];
  /** What Curie's own pause does instead; run it last. */
  readonly contrast: () => Promise<Shown[]>;
};

const slots = 18;
const secondsPerSlot = 2;
const blockGasLimit = 500_000_000;

/** The thin-liquidity pump on Perpetual Protocol v2. */
export const curieScenario: Scenario = Object.freeze({
  name: "curie-thin-pump",
  kind: "thin-liquidity-pump",
  protocol: "Perpetual Protocol v2 (Curie 2.8.4)",
  setup,
});

/** Everything a stage knows; `honestWad` is the last index before the pump. */
type Play = {
  readonly session: ChainSession;
  readonly system: CurieSystem;
  readonly cast: Cast;
  readonly groups: SeededMarket;
  readonly seed: number;
  readonly beforeBlock: bigint;
  readonly sent: SlotTx[];
  honestWad: bigint | undefined;
};

async function setup({ rpcUrl, seed, wrap }: SetupOptions): Promise<Stage> {
  const session = await openSession(rpcUrl);
  const cast = getCast();
  await takeMining(session);
  await rpc(session.client, "anvil_setBlockTimestampInterval", [secondsPerSlot]);
  await rpc(session.client, "evm_setBlockGasLimit", [`0x${blockGasLimit.toString(16)}`]);
  await rpc(session.client, "anvil_setBalance", [cast.deployer.address, "0x3635c9adc5dea00000"]);
  const system = await deployCurie(session, startPriceWad, wrap);
  const groups = await seedMarket(session, system, cast, createRandom(seed));
  const beforeBlock = await readBlockNumber(session);
  await openEarlyLong(session, system, cast);
  return stageOf({ session, system, cast, groups, seed, beforeBlock, sent: [], honestWad: undefined });
}

function stageOf(play: Play): Stage {
  const { session, system, cast, groups } = play;
  return Object.freeze({
    system,
    protect: [
      protectedContract("Vault", system.vault, vaultManifest),
      protectedContract("ClearingHouse", system.clearingHouse, clearingHouseManifest),
    ],
    slots,
    firstBadSlot: attackSlots.pump[0]!,
    attackSlots: { pump: attackSlots.pump, withdraw: attackSlots.withdraw },
    act: (slot: number) => act(play, slot),
    review: () => reviewTxs(session, play.sent),
    settle: async () => {
      await takeMining(session);
      await settleMarket(session, system, cast, honestPrice(play));
    },
    loss: () => measureLoss(session, system, cast, play.beforeBlock, honestPrice(play)),
    lossUsd: async () => lossUsd(await measureLoss(session, system, cast, play.beforeBlock, honestPrice(play))),
    riskReducing: (mine = session.mine) => riskReducingProbe({ ...session, mine }, system, cast, groups),
    canaries: () => canaries(system, groups.holders[0]!),
    contrast: async () => {
      await takeMining(session);
      return showContrast(await curiePauseContrast(session, system, cast, groups));
    },
  });
}

// The first holder is left alone by the traffic, so that its position is there whenever the fork is made.
function canaries(system: CurieSystem, holder: LocalAccount): Canary[] {
  const canary = (name: string, call: Call, expect: Canary["expect"]): Canary => ({
    name,
    from: toLower(holder.address),
    to: toLower(call.to!),
    data: call.data,
    expect,
  });
  return [
    canary("adding margin", calls.deposit(system, holder, calls.usdc(1)), "succeeds"),
    canary("closing a position", calls.closePosition(system, holder), "succeeds"),
    canary("withdrawing", calls.withdraw(system, holder, calls.usdc(1)), "reverts"),
  ];
}

async function act(play: Play, slot: number): Promise<SentTx[]> {
  const { session, system, cast, groups, seed } = play;
  const view = await readSlotView(session, system, cast, groups);
  if (slot <= attackSlots.pump[0]!) play.honestWad = view.indexWad;
  const traffic = planTraffic(slot, seed, view, system, cast, groups);
  const refused = await Promise.all(traffic.map(({ call }) => isRefusedByCurie(session, call)));
  const planned = [...planAttack(slot, view, system, cast), ...traffic.filter((_, i) => !refused[i])];
  const ordered = [...planned.filter((p) => !p.isLast), ...planned.filter((p) => p.isLast)];
  const hashes = await submit(
    session,
    ordered.map((p) => p.call),
  );
  const sent = ordered.map(({ role, label }, i): SentTx => ({ hash: hashes[i]!, role, label }));
  play.sent.push(...sent.map((tx, i) => ({ ...tx, slot, call: ordered[i]!.call })));
  return sent;
}

function protectedContract(name: string, address: Address, manifest: Manifest): ProtectedContract {
  const pausable = bySignature(manifest, ["outflow", "riskIncreasing"]);
  return { name, address, manifest, pausable, exempt: bySignature(manifest, ["exempt"]) };
}

function showContrast(contrast: PauseContrast): Shown[] {
  const { closePositionBlocked, closePositionTx, withdrawOpen, withdrawTx } = contrast;
  return [
    { name: "Curie's own pause blocks closePosition", ok: closePositionBlocked, txHash: closePositionTx },
    { name: "Curie's own pause leaves Vault.withdraw open", ok: withdrawOpen, txHash: withdrawTx },
  ];
}

/** Whole and fractional dollars to the cent: what a scorecard shows, never what a decision is made of. */
function lossUsd({ lossUsdc }: LossReport): number {
  return lossUsdc <= 0n ? 0 : Number(lossUsdc / 10_000n) / 100;
}

function honestPrice({ honestWad }: Play): bigint {
  if (honestWad === undefined) throw new NotPlayedError();
  return honestWad;
}

async function takeMining(session: ChainSession): Promise<void> {
  await rpc(session.client, "evm_setIntervalMining", [0]);
  await rpc(session.client, "evm_setAutomine", [false]);
}

/** The loss was asked for before the play ran. */
export class NotPlayedError extends Error {
  override readonly name = "NotPlayedError";
  constructor() {
    super(
      "The honest price is unknown: no slot has been played.\n" +
        "- It is the index when the first pump begins.\n" +
        "- Call act(0), act(1) and so on first, with a block after each.",
    );
  }
}
