// Attacks of the contracts' suite as capsules: each played on a real chain where nothing defends, among honest traffic, and
// recorded with whose work each transaction is.

import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import type { Invariant } from "@testudo/lab/patch/Patch";
import type { Capsule, TransactionRole } from "@testudo/lab/record/Capsule";
import { recordCapsule } from "testudo/capsule/recordCapsule";
import { type ChainSession, openSession, rpc, submit } from "../curie/ChainSession.ts";
import { openAttackStage } from "../reference/attackStage.ts";
import { listAttacks, type SuiteEntry, suiteBuild } from "../reference/attackSuite.ts";
import { ask, callOf, director, type Standing } from "../reference/Director.ts";
import { anvilArgs, sceneOf } from "../reference/drill.ts";
import { deployNaive, type ReferenceWorld } from "../reference/ReferenceWorld.ts";
import { tradeHonestly } from "./honestTrader.ts";

/** An attack, recorded, and what of the exchange may not be shut. */
export interface RecordedAttack {
  readonly entry: SuiteEntry;
  readonly capsule: Capsule;
  /** What others may lose: what the suite states for the defended exchange, and at most a tenth of what it loses bare. */
  readonly invariant: Invariant;
}

const seed = 1;
const askGas = 5_000_000n;
// A fixed first block and a fixed interval make every block a function of the seed.
const genesisSeconds = 1_750_000_000;

/** What lets people out of risk, as the hardened exchange lists it (SYS-05). */
export const exempt: readonly Hex[] = [
  "deposit(uint256)",
  "addMargin(bytes32,uint256)",
  "cancelOrder(bytes32)",
  "closePosition(bytes32,uint256)",
  "liquidate(address,bytes32,uint256)",
  "settleFunding(bytes32)",
].map(functionSelector);

/** Plays and records `entries`, which all find the same scene, one after the other on one chain. */
export async function recordSuite(
  entries: readonly SuiteEntry[],
  onRecorded: (recorded: RecordedAttack) => Promise<void> | void,
): Promise<void> {
  const anvil = await startAnvil({
    noMining: true,
    timestamp: genesisSeconds,
    args: [...anvilArgs, "--hardfork", "cancun"],
  });
  const node = openEndpoint(anvil.url, { timeoutMs: 120_000 });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    const world = await deployNaive(session, sceneOf(entries[0]!));
    for (const entry of entries) {
      const before = await rpc<Hex>(session.client, "evm_snapshot", []);
      await onRecorded(await recordOne(await openSession(anvil.url), node, world, entry));
      await rpc(session.client, "evm_revert", [before]);
    }
  } finally {
    node.close();
    await anvil.stop();
  }
}

async function recordOne(
  session: ChainSession,
  node: ReturnType<typeof openEndpoint>,
  world: ReferenceWorld,
  entry: SuiteEntry,
): Promise<RecordedAttack> {
  const isOpen = sceneOf(entry).stages === undefined;
  const stage = await openAttackStage(session, world, entry, { seed, bounded: false, isOpen });
  const hashes: Hex[] = [];
  const attack = new Set<Hex>();
  const from = await blockNumber(session);
  if (isOpen) await tradeHonestly(session, world);
  for (let slot = 0; slot < stage.slots; slot += 1) {
    for (const { role, hash } of await stage.act(slot)) if (role === "attack") attack.add(hash);
    await session.mine();
  }
  const thief = await attackOf(session, [...attack]);
  // Whoever asks later what was lost needs all that the answer hangs on to be in the capsule.
  await submit(session, [{ ...callOf(director, thief, "lost"), gas: askGas }]);
  await session.mine();
  const [bound, bareLoss] = [
    await ask<bigint>(session, thief, "bound"),
    await ask<bigint>(session, thief, "naiveLoss"),
  ];
  for (let block = from + 1; block <= (await blockNumber(session)); block += 1) {
    const { transactions } = await rpc<{ transactions: Hex[] }>(session.client, "eth_getBlockByNumber", [
      `0x${block.toString(16)}`,
      false,
    ]);
    hashes.push(...transactions);
  }
  const capsule = await recordCapsule(node, hashes);
  const transactions = capsule.transactions!.map((tx) => ({ ...tx, role: roleOf(attack.has(tx.hash!)) }));
  return {
    entry,
    capsule: { ...capsule, name: entry.name, victim: world.perp.address, exempt, transactions },
    invariant: {
      name: "what others lost",
      to: thief.address,
      input: functionSelector("lost()"),
      atMost: bound < bareLoss / 10n ? bound : bareLoss / 10n,
    },
  };
}

function roleOf(isAttack: boolean): TransactionRole {
  return isAttack ? "attack" : "benign";
}

/** The attacker's contract: where the last of his transactions goes. */
async function attackOf(session: ChainSession, hashes: readonly Hex[]): Promise<Standing> {
  const method = "eth_getTransactionByHash";
  const { to } = await rpc<{ to: Hex }>(session.client, method, [hashes.at(-1)!]);
  return { address: to, abi: suiteBuild(listAttacks()[0]!.contract).abi };
}

async function blockNumber(session: ChainSession): Promise<number> {
  return Number(await rpc<Hex>(session.client, "eth_blockNumber", []));
}
