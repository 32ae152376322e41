// The shape of what a transaction does at protected addresses, as text: which of their functions call what, in order. What
// changes from use to use is dropped: foreign addresses, arguments, amounts, and how often a loop runs.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { CallFrame } from "../../model/BlockBundle.ts";
import { entriesInto, type Visit, walk } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";

/** A path at a protected address. `entry`: within one call from outside; `sequence`: the entries of a whole transaction. */
export interface CallPath {
  readonly kind: "entry" | "sequence";
  readonly subject: Address;
  readonly text: string;
  /** SHA-256 of the text, its first 16 bytes. */
  readonly hash: Hex;
}

// A path is shown to a person and lies in evidence; what is longer is told by its hash.
const maxNodes = 4_096;

/** The paths of a call tree: one for each entry into `set`, and one for the entries' order where there are several. */
export function pathsOf(root: CallFrame, set: ReadonlySet<Address>): CallPath[] {
  // An entry below another one is a part of that one's path.
  const entries = entriesInto(root, set).filter((v) => !isBelowEntry(v, set));
  const [first] = entries;
  if (first === undefined) return [];
  const visits = walk(root);
  const paths = entries.map((v) => toPath("entry", v.context, textOf(v, visits, set)));
  const order = foldLoops(entries.map((v) => labelOf(v, set)));
  return order.length > 1 ? [...paths, toPath("sequence", first.context, order.join(" "))] : paths;
}

function isBelowEntry(visit: Visit, set: ReadonlySet<Address>): boolean {
  for (let at = visit.parent; at !== undefined; at = at.parent) if (set.has(at.context)) return true;
  return false;
}

function toPath(kind: CallPath["kind"], subject: Address, text: string): CallPath {
  const hash: Hex = `0x${bytesToHex(sha256(utf8ToBytes(`${kind}:${text}`)).slice(0, 16))}`;
  return { kind, subject, text, hash };
}

function labelOf(visit: Visit, set: ReadonlySet<Address>): string {
  const selector = visit.selector;
  const name = selector.length === 10 ? selector : "send";
  return `${set.has(visit.context) ? visit.context : "x"}:${name}`;
}

/** Frames of protected code, and what it calls at others; what others do among themselves is their affair. */
function textOf(entry: Visit, visits: readonly Visit[], set: ReadonlySet<Address>): string {
  const parts = new Map<Visit, string[]>();
  const last = Math.min(entry.end, entry.order + maxNodes);
  let text = "";
  // Pre-order backwards: children are done before their parents.
  for (let i = last; i >= entry.order; i--) {
    const visit = visits[i]!;
    const own = foldLoops((parts.get(visit) ?? []).reverse());
    const inner = own.length === 0 ? "" : `(${own.join(" ")})`;
    if (visit === entry) {
      text = labelOf(visit, set) + inner;
      break;
    }
    const parent = visit.parent!;
    const isShown = set.has(visit.context) || set.has(parent.context);
    if (visit.reverted) continue;
    const list = parts.get(parent) ?? [];
    // A foreign frame below foreign code shows nothing but what it calls back into the set.
    if (isShown) list.push(labelOf(visit, set) + inner);
    else list.push(...own.reverse());
    parts.set(parent, list);
  }
  return text;
}

// Loops of up to this many calls a round; longer ones are rare and told as they are.
const maxPeriod = 4;

/** `items` with each run of equal rounds of one to four items folded into one round. */
export function foldLoops(items: readonly string[]): string[] {
  let list = [...items];
  for (let period = 1; period <= maxPeriod; period++) {
    const folded: string[] = [];
    for (const item of list) {
      folded.push(item);
      const at = folded.length - period;
      if (at < period) continue;
      const isRepeat = folded.slice(at).every((x, i) => x === folded[at - period + i]);
      if (isRepeat) folded.length = at;
    }
    list = folded;
  }
  return list;
}
