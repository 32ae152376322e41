// Which contracts are young, and who made them. Only what was created while we watched is known: "not here" means
// "old or unknown", never "old".
import type { DeployerOf } from "./ActorCluster.ts";
import { createdIn, walk } from "./CallTree.ts";
import { createdAddress } from "./createdAddress.ts";
import type { Address } from "./Hex.ts";
import type { Memory } from "./Memory.ts";
import type { TxView } from "./TxView.ts";

/** Blocks per list of creations, as they were kept before each block had its own. */
const slice = 600;
/** Creations kept. A week of mainnet has fewer; on a chain where a creation costs next to nothing somebody may make more. */
const mostKept = 2_000_000;

/** A creation that was seen: its block, and the accounts behind it. */
export interface Creation {
  readonly block: number;
  readonly deployers: readonly Address[];
}

/** Tells of the creation of a contract; undefined for one that was not seen to be created. */
export type CreationOf = (contract: Address) => Creation | undefined;

/** Blocks for which a deployment joins a contract to the actors that made it (A(tx), see ActorCluster). */
export const deployedBlocks = 50_000;

/**
 * Notes every contract that `txs` created at `block`, and forgets what is older than `keepBlocks`, or the oldest of more than
 * `most`.
 */
export function rememberCreations(
  memory: Memory,
  txs: readonly TxView[],
  block: number,
  keepBlocks: number,
  most = mostKept,
): void {
  const made = txs.flatMap(creationsOf);
  forgetSlices(memory, Math.floor(block / slice), keepBlocks);
  if (made.length > 0) {
    for (const [contract, ...deployers] of made) memory.set(`made:${contract}`, [block, ...deployers]);
    // A list of its own: one that grows over many blocks is written anew, and kept to be taken back, at each of them.
    memory.set(
      `madeAt:${block}`,
      made.map(([contract]) => contract),
    );
    memory.count("madeCount", made.length);
  }
  forget(memory, block, block - keepBlocks, most);
}

function creationsOf(view: TxView): [Address, ...Address[]][] {
  if (view.trace === undefined)
    return view.tx.to === null ? [[createdAddress(view.tx.from, view.tx.nonce), view.tx.from]] : [];
  if (createdIn(view.trace).length === 0) return [];
  return walk(view.trace)
    .filter((v) => !v.reverted && (v.frame.type === "CREATE" || v.frame.type === "CREATE2"))
    .map((v) => [v.frame.to, view.tx.from, v.frame.from]);
}

function forget(memory: Memory, block: number, oldest: number, most: number): void {
  const first = memory.get("madeAtFrom");
  let from = Number(first ?? block);
  for (; from < block && (from < oldest || Number(memory.get("madeCount") ?? 0) > most); from += 1) {
    const contracts = (memory.get(`madeAt:${from}`) ?? []) as readonly Address[];
    if (contracts.length === 0) continue;
    // One that was made again at its place stands in a later list.
    for (const contract of contracts)
      if (creationOf(memory, contract)?.block === from) memory.set(`made:${contract}`, undefined);
    memory.set(`madeAt:${from}`, undefined);
    memory.count("madeCount", -contracts.length);
  }
  if (from !== first) memory.set("madeAtFrom", from);
}

function forgetSlices(memory: Memory, current: number, keepBlocks: number): void {
  const first = memory.get("madeFrom");
  if (first === undefined) return;
  const oldest = current - Math.ceil(keepBlocks / slice) - 1;
  for (let i = Number(first); i < oldest; i++) {
    for (const contract of (memory.get(`madeIn:${i}`) ?? []) as readonly string[])
      memory.set(`made:${contract}`, undefined);
    memory.set(`madeIn:${i}`, undefined);
  }
  if (Number(first) < oldest) memory.set("madeFrom", oldest);
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
