import { join } from "node:path";
import type { Address, Hex } from "viem";
import { createTestClient, erc20Abi, http, publicActions, walletActions } from "viem";
import { getContractAddress } from "viem/utils";
import { contractAttack, readRecordedCall } from "./attackPlan.ts";
import { dataFolder } from "./dataFolder.ts";
import { forkCapsule, type MissingState } from "./forkCapsule.ts";
import { loadFrozenRpc } from "./frozenRpc.ts";
import { type Amount, type Incident, type IncidentSlug, incidents } from "./incidents.ts";

// Far above what the largest attack uses (18 million), below the 1,000 million of a block.
const GAS_LIMIT = 100_000_000n;

/** The transaction of an attack and the block that holds it and nothing else. */
export interface AttackReceipt {
  hash: Hex;
  blockNumber: bigint;
  blockHash: Hex;
}

/**
 * An incident's recorded state on a running anvil that mines only on request, one block for each step.
 * The chain stands at the recorded block until `deploy` or `attack` is called.
 */
export interface PreparedIncident {
  incident: Incident;
  rpcUrl: string;
  chainId: number;
  protect: readonly Address[];
  /** The account that signs. */
  attacker: Address;
  /** Where the loot ends: the attack contract, or the receiver that a recorded call names. */
  lootHolder: Address;
  /** Deploys the attack contract in a block of its own; does nothing the second time, or when there is none. */
  deploy(): Promise<void>;
  /** Sends the attack in a block of its own, after `deploy`. Throws `AttackReverted`. */
  attack(): Promise<AttackReceipt>;
  /** What the loot holder has now beyond what it had in the recorded state, asset by asset. */
  gain(): Promise<Amount[]>;
  /** What `holder` has of `asset` at `blockNumber` (default: now). */
  balanceOf(asset: Amount["asset"], holder: Address, blockNumber?: bigint): Promise<bigint>;
  /** What was asked for beyond the recorded state. */
  missing(): Promise<MissingState>;
  close(): Promise<void>;
}

/** Serves the recorded state of `slug` and returns it ready for the attack. Needs `TESTUDO_DATA`. */
export async function prepareIncident(slug: IncidentSlug): Promise<PreparedIncident> {
  const incident: Incident = findIncident(slug);
  const capsule = (await loadFrozenRpc()).readCapsule(join(dataFolder(), "incidents", incident.file));
  // Left alone, anvil takes the hard fork from chain and date, and the compiler's output needs Cancun.
  const fork = await forkCapsule(capsule, ["--hardfork", "cancun"]);
  const client = createTestClient({ mode: "anvil", transport: http(fork.rpcUrl) })
    .extend(publicActions)
    .extend(walletActions);
  const attacker = (await client.getAddresses())[0] as Address;
  const nonce = await client.getTransactionCount({ address: attacker });
  const plan = incident.callFile
    ? readRecordedCall(join(dataFolder(), "incidents", incident.callFile))
    : contractAttack(slug, getContractAddress({ from: attacker, nonce: BigInt(nonce) }));
  const recordedBlock = BigInt(capsule.block.number);
  let deployed: Promise<AttackReceipt> | undefined;

  const send = async (step: string, to: Address | null, data: Hex): Promise<AttackReceipt> => {
    const hash = await client.sendTransaction({ account: attacker, chain: null, to, data, gas: GAS_LIMIT });
    await client.mine({ blocks: 1 });
    const { status, blockNumber, blockHash } = await client.getTransactionReceipt({ hash });
    if (status !== "success") throw new AttackReverted(slug, step, hash);
    return { hash, blockNumber, blockHash };
  };
  const deploy = async () => {
    if (plan.bytecode === undefined) return;
    deployed ??= send("deployment", null, plan.bytecode);
    await deployed;
  };
  const balanceOf = (asset: Amount["asset"], holder: Address, blockNumber?: bigint) => {
    const at = blockNumber === undefined ? {} : { blockNumber };
    if (asset === "native") return client.getBalance({ address: holder, ...at });
    return client.readContract({ address: asset, abi: erc20Abi, functionName: "balanceOf", args: [holder], ...at });
  };

  return {
    incident,
    rpcUrl: fork.rpcUrl,
    chainId: fork.chainId,
    protect: incident.protect,
    attacker,
    lootHolder: plan.lootHolder,
    deploy,
    async attack() {
      await deploy();
      return send("attack", plan.to, plan.data);
    },
    gain: () =>
      Promise.all(
        incident.gain.map(async ({ asset, symbol }) => {
          const before = await balanceOf(asset, plan.lootHolder, recordedBlock);
          return { asset, symbol, amount: (await balanceOf(asset, plan.lootHolder)) - before };
        }),
      ),
    balanceOf,
    missing: fork.missing,
    close: fork.close,
  };
}

function findIncident(slug: IncidentSlug): Incident {
  const incident = incidents.find((one) => one.slug === slug);
  if (incident === undefined) throw new UnknownIncident(slug);
  return incident;
}

/** A transaction of a replayed attack failed. */
export class AttackReverted extends Error {
  constructor(slug: string, step: string, hash: Hex) {
    super(
      [
        `The ${step} of incident "${slug}" reverted in transaction ${hash}.`,
        "- On the recorded state it succeeds.",
        "- Trace the transaction, and compare GET /missing with the guide of the recorded states.",
      ].join("\n"),
    );
    this.name = "AttackReverted";
  }
}

/** No incident has this name. */
export class UnknownIncident extends Error {
  constructor(slug: string) {
    super(
      [
        `There is no incident "${slug}".`,
        `- Known: ${incidents.map((one) => one.slug).join(", ")}.`,
        "- Take one of these, or add it to incidents.ts with its Attack.sol.",
      ].join("\n"),
    );
    this.name = "UnknownIncident";
  }
}
