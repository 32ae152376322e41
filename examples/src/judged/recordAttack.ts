import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { IncidentSlug } from "../incidents/incidents.ts";
import { type AttackReceipt, prepareIncident } from "../incidents/runIncident.ts";
import { judgeBundle, openWatch } from "./judgeBundle.ts";
import { unitsOf } from "./unitsOf.ts";

const TIMEOUT_MS = 60_000;

/** A recorded attack that has run, deployment included, on a node that still knows every state in between. */
export interface RecordedAttack {
  /** What the victim would have named to `watch --protect`. */
  readonly protect: readonly Address[];
  readonly attack: AttackReceipt;
  /** The blocks that the attack made, oldest first; the last one holds the attack itself. */
  readonly bundles: readonly BlockBundle[];
  /** Findings of a new watcher of `protect` that sees all of `bundles`, and nothing before them. */
  judge(protect: readonly Address[]): Promise<Finding[]>;
  /** The other contracts that the attack touched: lenders, pools, tokens, oracles. Those of the attacker are left out. */
  bystanders(): Promise<Address[]>;
  close(): Promise<void>;
}

/** Runs the recorded attack `slug` and returns its blocks. Needs `TESTUDO_DATA`. */
export async function recordAttack(slug: IncidentSlug): Promise<RecordedAttack> {
  const prepared = await prepareIncident(slug);
  const endpoint = openEndpoint(prepared.rpcUrl, { timeoutMs: TIMEOUT_MS });
  const close = async () => {
    endpoint.close();
    await prepared.close();
  };
  try {
    const first = BigInt((await endpoint.request("eth_blockNumber")) as string) + 1n;
    const attack = await prepared.attack();
    const bundles: BlockBundle[] = [];
    // One after the other: several traces at once stop a forking anvil for good.
    for (let number = first; number <= attack.blockNumber; number++)
      bundles.push(await fetchBundle(endpoint, number, ["X", "L", "T"]));
    const reader = openStateReader([endpoint]);
    const protect = prepared.protect.map(toLower);
    return {
      protect,
      attack,
      bundles,
      close,
      async judge(addresses) {
        const watch = openWatch(prepared.chainId, addresses);
        const findings: Finding[] = [];
        for (const bundle of bundles) findings.push(...(await judgeBundle(watch, bundle, reader)));
        return findings;
      },
      async bystanders() {
        const ours = new Set([...protect, toLower(prepared.lootHolder)]);
        const touched = new Set(unitsOf(bundles.at(-1)!, (address) => !ours.has(address)).map((unit) => unit.subject));
        const { parentHash } = bundles.at(-1)!.ref;
        const codes = await endpoint.batch(
          [...touched].map((a) => ({ method: "eth_getCode", params: [a, { blockHash: parentHash }] })),
        );
        return [...touched].filter((_, i) => codes[i]!.ok && codes[i]!.result !== "0x");
      },
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}
