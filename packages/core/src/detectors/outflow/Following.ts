// Which assets of a holder are followed. Anybody can send a contract tokens made for it, and have them leave again by the thousand.
import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import { ringOf } from "../../model/Ring.ts";
import { type Holding, keyOf } from "../../signs/HoldingsBook.ts";
import type { OutflowParams } from "./OutflowParams.ts";

/** What moved of an asset that counts. */
export interface Followed {
  readonly holding: Holding;
  /** New, and with too many others to be remembered: it is judged by this block alone. */
  readonly isPassing: boolean;
}

/** What counts of `moved`, and what has to be forgotten once it is judged. */
export interface Following {
  readonly followed: readonly Followed[];
  forget(): void;
}

/** Beyond the limit an asset is followed once it leaves; of those beyond it, so many that left last are. */
const mostBeyond = 1_024;

/** Takes what is new into the lists of what is followed. */
export function followAll(memory: Memory, params: OutflowParams, moved: readonly Holding[]): Following {
  const lists = new Map<Address, Lists>();
  const counted = moved.filter((holding) => take(listsOf(lists, memory, params, holding.holder), params, holding));
  const gone = [...lists].flatMap(([holder, own]) => cut(own).map((asset) => ({ holder, asset })));
  for (const [holder, { before, first, beyond }] of lists) {
    const after = [...first, ...beyond];
    if (after.length !== before.length || after.some((asset, i) => asset !== before[i]))
      memory.set(`assets:${holder}`, after);
  }
  const goneKeys = new Set(gone.map(({ holder, asset }) => keyOf(holder, asset)));
  const isPassing = ({ holder, asset }: Holding) =>
    goneKeys.has(keyOf(holder, asset)) && !lists.get(holder)!.known.has(asset);
  return {
    followed: counted.map((holding) => ({ holding, isPassing: isPassing(holding) })),
    forget() {
      for (const { holder, asset } of gone)
        if (lists.get(holder)!.known.has(asset)) forgetCells(memory, params, keyOf(holder, asset));
    },
  };
}

interface Lists {
  readonly before: readonly Asset[];
  readonly known: ReadonlySet<Asset>;
  readonly first: Set<Asset>;
  /** The one that left last at the end. */
  readonly beyond: Set<Asset>;
}

function listsOf(lists: Map<Address, Lists>, memory: Memory, { maxAssets }: OutflowParams, holder: Address): Lists {
  const opened = lists.get(holder);
  if (opened !== undefined) return opened;
  const before = ringOf<string>(memory, `assets:${holder}`);
  const [first, beyond] = [new Set(before.slice(0, maxAssets)), new Set(before.slice(maxAssets))];
  const made = { before, known: new Set(before), first, beyond };
  lists.set(holder, made);
  return made;
}

function take({ first, beyond }: Lists, { maxAssets }: OutflowParams, { asset, parent, block }: Holding): boolean {
  if (first.has(asset)) return true;
  const isFull = first.size >= maxAssets;
  if (isFull && block! > parent!) return beyond.has(asset);
  const list = isFull ? beyond : first;
  list.delete(asset);
  list.add(asset);
  return true;
}

function cut({ beyond }: Lists): Asset[] {
  const gone = [...beyond].slice(0, Math.max(0, beyond.size - mostBeyond));
  for (const asset of gone) beyond.delete(asset);
  return gone;
}

function forgetCells(memory: Memory, { windows }: OutflowParams, key: string): void {
  const ofWindows = windows.flatMap(({ seconds }) => [`net:${seconds}:${key}`, `within:${seconds}:${key}`]);
  for (const cell of [...ofWindows, `cusum:${key}`, `bucket:${key}`])
    if (memory.get(cell) !== undefined) memory.set(cell, undefined);
}
