import type { CallFrame } from "../../model/BlockBundle.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { isHandOver } from "../../signs/PoolCallback.ts";

/** A view of a foreign contract that is read for a watched one, while the actors hold a call into it open. */
export interface OpenRead {
  /** The open call into the foreign contract, the watched contract's call that relies on it, and the view. */
  readonly outer: Visit;
  readonly user: Visit;
  readonly inner: Visit;
  /** Addresses on the way from the open call to the watched one, outermost first. */
  readonly via: readonly Address[];
}

/** What tells who or what a contract is; it is the same whatever state the contract is in. */
const fixed: ReadonlySet<string> = new Set([
  "0x06fdde03", // name
  "0x95d89b41", // symbol
  "0x313ce567", // decimals
  "0x0dfe1681", // token0
  "0xd21220a7", // token1
  "0xc45a0155", // factory
  "0x38d52e0f", // asset
  "0x8da5cb5b", // owner
  "0xddca3f43", // fee
  "0x01ffc9a7", // supportsInterface (ERC-165)
  "0x1626ba7e", // isValidSignature (ERC-1271)
]);

/**
 * The open reads of a transaction. The way must lead from the foreign contract through code of the actors into a watched
 * contract that may write, and from there to the view: a pool that calls back whoever called it, and a watched contract
 * that looks at a pool in its own swap, have no actors in between. Callbacks that pools and lenders make by design are
 * left out: there the price, not the state, is in doubt (impact-then-use).
 */
export function findOpenReads(
  view: TxView,
  watched: ReadonlySet<Address>,
  clusterOf: () => ReadonlySet<Address>,
): OpenRead[] {
  const reads: OpenRead[] = [];
  for (const inner of readsOfOpen(view.trace!)) {
    if (watched.has(inner.context) || !isUsed(inner, watched) || clusterOf().has(inner.context)) continue;
    const read = traceBack(inner, watched, clusterOf());
    if (read !== undefined) reads.push(read);
  }
  return reads;
}

const readBefore = new WeakMap<CallFrame, readonly Visit[]>();

/** The views of contracts that are open, whoever is watched; found once for a tree, since few trees have any. */
function readsOfOpen(root: CallFrame): readonly Visit[] {
  const known = readBefore.get(root);
  if (known !== undefined) return known;
  const reads = walk(root).filter((v) => v.isStatic && !v.reverted && !fixed.has(v.selector) && isOpen(v));
  readBefore.set(root, reads);
  return reads;
}

/** Whether the read is made below a watched contract at work. */
function isUsed(inner: Visit, watched: ReadonlySet<Address>): boolean {
  let at = inner.parent;
  while (at !== undefined && !(isAtWork(at) && watched.has(at.context))) at = at.parent;
  return at !== undefined;
}

function isAtWork(visit: Visit): boolean {
  return !visit.reverted && !visit.isStatic;
}

/** Whether a call into the contract that is read is open, beyond the reader itself. */
function isOpen({ context, parent }: Visit): boolean {
  let at = parent?.parent;
  while (at !== undefined && at.context !== context) at = at.parent;
  return at !== undefined;
}

function traceBack(inner: Visit, watched: ReadonlySet<Address>, cluster: ReadonlySet<Address>): OpenRead | undefined {
  let user = inner.parent;
  while (user !== undefined && !(isAtWork(user) && watched.has(user.context))) user = user.parent;
  if (user === undefined) return undefined;
  const via: Address[] = [];
  let handed: Visit | undefined;
  for (let at = user.parent; at !== undefined; at = at.parent) {
    if (at.context === inner.context) {
      if (handed === undefined || isHandOver(handed.selector)) return undefined;
      return { outer: entryOf(at), user: entryOf(user), inner, via: [...new Set(via)] };
    }
    if (cluster.has(at.context)) handed = at;
    via.unshift(at.context);
  }
  return undefined;
}

/** Where control came to the contract whose code `visit` is part of. */
function entryOf(visit: Visit): Visit {
  let at = visit;
  while (at.parent?.context === at.context) at = at.parent;
  return at;
}
