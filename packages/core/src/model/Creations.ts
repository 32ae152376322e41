// Which contracts are young, and who made them. Only what was created while we watched is known: "not here" means
// "old or unknown", never "old".
import type { DeployerOf } from "./ActorCluster.ts";
import { createdIn, walk } from "./CallTree.ts";
import type { Plain } from "./canonicalJson.ts";
import { createdAddress } from "./createdAddress.ts";
import type { Address } from "./Hex.ts";
import type { Memory } from "./Memory.ts";
import type { TxView } from "./TxView.ts";

/** Blocks per list of creations; lists are dropped whole when they are out of range. */
const slice = 600;

/** A creation that was seen: its block, and the accounts behind it. */
export interface Creation {
  readonly block: number;
  readonly deployers: readonly Address[];
}

/** Tells of the creation of a contract; undefined for one that was not seen to be created. */
export type CreationOf = (contract: Address) => Creation | undefined;

/** Blocks for which a deployment joins a contract to the actors that made it (A(tx), see ActorCluster). */
export const deployedBlocks = 50_000;

/** Notes every contract that `txs` created at `block`, and forgets what is older than `keepBlocks`. */
export function rememberCreations(memory: Memory, txs: readonly TxView[], block: number, keepBlocks: number): void {
  const made = txs.flatMap(creationsOf);
  const current = Math.floor(block / slice);
  forget(memory, current, keepBlocks);
  if (made.length === 0) return;
  for (const [contract, ...deployers] of made) memory.set(`made:${contract}`, [block, ...deployers]);
  const listed = (memory.get(`madeIn:${current}`) ?? []) as readonly Plain[];
  memory.set(`madeIn:${current}`, [...listed, ...made.map(([contract]) => contract)]);
}

function creationsOf(view: TxView): [Address, ...Address[]][] {
  if (view.trace === undefined)
    return view.tx.to === null ? [[createdAddress(view.tx.from, view.tx.nonce), view.tx.from]] : [];
  if (createdIn(view.trace).length === 0) return [];
  return walk(view.trace)
    .filter((v) => !v.reverted && (v.frame.type === "CREATE" || v.frame.type === "CREATE2"))
    .map((v) => [v.frame.to, view.tx.from, v.frame.from]);
}

function forget(memory: Memory, current: number, keepBlocks: number): void {
  const oldest = current - Math.ceil(keepBlocks / slice) - 1;
  const from = Number(memory.get("madeFrom") ?? current);
  if (!memory.get("madeFrom") || from < oldest) memory.set("madeFrom", Math.max(from, oldest));
  for (let i = from; i < oldest; i++) {
    for (const contract of (memory.get(`madeIn:${i}`) ?? []) as readonly string[])
      memory.set(`made:${contract}`, undefined);
    memory.set(`madeIn:${i}`, undefined);
  }
}

/** What is known of the creation of `contract`; undefined for one that was not seen to be created. */
export function creationOf(memory: Memory, contract: Address): Creation | undefined {
  const cell = memory.get(`made:${contract}`) as readonly [number, ...Address[]] | undefined;
  return cell === undefined ? undefined : { block: Number(cell[0]), deployers: cell.slice(1) as Address[] };
}

/** What a memory tells of creations. What was asked once is not looked for again: nothing may be noted meanwhile. */
export function openCreations(memory: Memory): { readonly creationOf: CreationOf; readonly deployerOf: DeployerOf } {
  const known = new Map<Address, Creation | undefined>();
  const find: CreationOf = (contract) => {
    if (known.has(contract)) return known.get(contract);
    const found = creationOf(memory, contract);
    known.set(contract, found);
    return found;
  };
  return { creationOf: find, deployerOf: (contract) => find(contract)?.deployers };
}
