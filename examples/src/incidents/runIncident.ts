import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import {
  type Address,
  createTestClient,
  encodeFunctionData,
  erc20Abi,
  getContractAddress,
  type Hex,
  http,
  parseAbi,
  publicActions,
  walletActions,
} from "viem";
import { dataFolder } from "./dataFolder.ts";
import { forkCapsule, type MissingState } from "./forkCapsule.ts";
import { loadFrozenRpc } from "./frozenRpc.ts";
import { type Amount, type Incident, type IncidentSlug, incidents } from "./incidents.ts";

// Far above what the largest attack uses (18 million), below the 1,000 million of a block.
const GAS_LIMIT = 100_000_000n;
const attackAbi = parseAbi(["function attack()"]);

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
  /** Where the loot ends: the attacker's contract. */
  lootHolder: Address;
  /** Deploys the attack contract in a block of its own; a second call does nothing. */
  deploy(): Promise<void>;
  /** Sends the attack in a block of its own, after `deploy`. Throws `AttackReverted`. */
  attack(): Promise<AttackReceipt>;
  /** What the loot holder has now of each asset that the incident names. */
  loot(): Promise<Amount[]>;
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
  const fork = await forkCapsule(capsule, ["--no-mining", "--hardfork", "cancun"]);
  const client = createTestClient({ mode: "anvil", transport: http(fork.rpcUrl) })
    .extend(publicActions)
    .extend(walletActions);
  const attacker = (await client.getAddresses())[0] as Address;
  const nonce = await client.getTransactionCount({ address: attacker });
  const contract = getContractAddress({ from: attacker, nonce: BigInt(nonce) });
  let deployed: Promise<AttackReceipt> | undefined;

  const send = async (step: string, to: Address | null, data: Hex): Promise<AttackReceipt> => {
    const hash = await client.sendTransaction({ account: attacker, chain: null, to, data, gas: GAS_LIMIT });
    await client.mine({ blocks: 1 });
    const { status, blockNumber, blockHash } = await client.getTransactionReceipt({ hash });
    if (status !== "success") throw new AttackReverted(slug, step, hash);
    return { hash, blockNumber, blockHash };
  };
  const deploy = async () => {
    deployed ??= send("deployment", null, attackBytecode(slug));
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
    lootHolder: contract,
    deploy,
    async attack() {
      await deploy();
      return send("attack", contract, encodeFunctionData({ abi: attackAbi }));
    },
    loot: () =>
      Promise.all(
        incident.gain.map(async ({ asset, symbol }) => ({ asset, symbol, amount: await balanceOf(asset, contract) })),
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

// Solidity is not copied into the build, so the path leads back to the source from there too.
function attackBytecode(slug: IncidentSlug): Hex {
  const file = fileURLToPath(new URL(`../../src/incidents/${slug}/Attack.sol`, import.meta.url));
  const contract = compile([file]).Attack;
  if (contract === undefined) throw new Error(`"${file}" declares no contract "Attack".`);
  return contract.bytecode;
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
