import { groupBy } from "../math/groupBy.ts";
import type { CallFrame, FrameLog } from "./BlockBundle.ts";
import type { Address, Hex } from "./Hex.ts";
import { selectorOf } from "./KnownSignature.ts";
import { oncePer } from "./oncePer.ts";

/** A frame in its place in the tree. */
export interface Visit {
  readonly frame: CallFrame;
  readonly parent: Visit | undefined;
  readonly depth: number;
  /** Position in pre-order, and the position of the frame's last descendant. */
  readonly order: number;
  end: number;
  /** This frame or one above it failed: nothing it did has lasted (ASSET-01). */
  readonly reverted: boolean;
  /** Whose storage and balance the code works on: for DELEGATECALL the caller's. */
  readonly context: Address;
  /** State cannot change here: the frame or one above it is a STATICCALL. */
  readonly isStatic: boolean;
  /** What it was entered with; shorter for a plain payment. Kept, since nearly every question about a tree asks for it. */
  readonly selector: Hex;
}

/** All frames below and with `root`, in pre-order. Iterative, so that depth is no limit. */
export const walk = oncePer((root: CallFrame): readonly Visit[] => {
  const list: Visit[] = [];
  const open: { visit: Visit; next: number }[] = [enter(root, undefined, list)];
  while (open.length > 0) {
    const top = open[open.length - 1]!;
    const child = top.visit.frame.calls[top.next];
    if (child === undefined) {
      top.visit.end = list.length - 1;
      open.pop();
    } else {
      top.next += 1;
      open.push(enter(child, top.visit, list));
    }
  }
  return list;
});

function enter(frame: CallFrame, parent: Visit | undefined, list: Visit[]): { visit: Visit; next: number } {
  const visit: Visit = {
    frame,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    order: list.length,
    end: list.length,
    reverted: parent?.reverted === true || isFailed(frame),
    context: contextOf(frame, parent),
    isStatic: parent?.isStatic === true || frame.type === "STATICCALL",
    selector: selectorOf(frame.input),
  };
  list.push(visit);
  return { visit, next: 0 };
}

function contextOf(frame: CallFrame, parent: Visit | undefined): Address {
  if (frame.type === "DELEGATECALL" || frame.type === "CALLCODE") return parent?.context ?? frame.from;
  return frame.type === "SELFDESTRUCT" ? frame.from : frame.to;
}

/** Whether this frame itself failed. */
export function isFailed(frame: CallFrame): boolean {
  return frame.error !== undefined && frame.error !== "";
}

/** Logs of frames that lasted, in the order of emission as far as the tracer gives it. */
export function logsOf(root: CallFrame): FrameLog[] {
  const logs: FrameLog[] = [];
  collect(root, logs);
  return logs;
}

function collect(frame: CallFrame, logs: FrameLog[]): void {
  if (isFailed(frame)) return;
  const own = frame.logs;
  if (own.length === 0) {
    for (const child of frame.calls) collect(child, logs);
    return;
  }
  let next = 0;
  for (const [index, child] of frame.calls.entries()) {
    for (let log = own[next]; log?.position !== undefined && log.position <= index; log = own[next]) {
      logs.push(log);
      next += 1;
    }
    collect(child, logs);
  }
  // One by one: a frame may have more than a call takes arguments.
  for (const log of own.slice(next)) logs.push(log);
}

/** Calls that enter `set` from outside it and lasted; code run by delegation counts as its caller. */
export function entriesInto(root: CallFrame, set: ReadonlySet<Address>): Visit[] {
  return visitsIn(root, set).filter((v) => isEntry(v, set));
}

const byContextOf = oncePer((root: CallFrame) => groupBy(walk(root), ({ context }) => context));

/** The visits whose code works for an address of `set`, in pre-order. What was asked of one root before costs no walk. */
export function visitsIn(root: CallFrame, set: ReadonlySet<Address>): Visit[] {
  const byContext = byContextOf(root);
  const found = [...set].flatMap((address) => byContext.get(address) ?? []);
  return set.size > 1 ? found.sort((a, b) => a.order - b.order) : found;
}

function isEntry(visit: Visit, set: ReadonlySet<Address>): boolean {
  if (visit.reverted || visit.frame.type === "SELFDESTRUCT" || !set.has(visit.context)) return false;
  return visit.parent === undefined || !set.has(visit.parent.context);
}

/** A call into the set while another call into it is still open, with foreign code in between. */
export interface Reentry {
  readonly outer: Visit;
  readonly inner: Visit;
  /** Foreign addresses on the way from the outer to the inner call, outermost first. */
  readonly via: readonly Address[];
}

/** All re-entries into `set` that lasted, in order. A path that stays within the set is not one. */
export function findReentries(root: CallFrame, set: ReadonlySet<Address>): Reentry[] {
  if (set.size === 1 && ![...set].some((address) => nestedIn(root).has(address))) return [];
  const found: Reentry[] = [];
  for (const inner of entriesInto(root, set)) {
    const via: Address[] = [];
    let at = inner.parent;
    while (at !== undefined && !set.has(at.context)) {
      via.unshift(at.context);
      at = at.parent;
    }
    if (at === undefined) continue;
    while (at.parent !== undefined && set.has(at.parent.context)) at = at.parent;
    found.push({ outer: at, inner, via: [...new Set(via)] });
  }
  return found;
}

/** The contexts that occur below themselves with another in between. */
const nestedIn = oncePer((root: CallFrame): ReadonlySet<Address> => {
  const found = new Set<Address>();
  const last = new Map<Address, Visit>();
  for (const visit of walk(root)) {
    const before = last.get(visit.context);
    if (visit.parent?.context !== visit.context) {
      if (before !== undefined && visit.order <= before.end) found.add(visit.context);
      // The outermost that is still open covers all that come below it.
      if (before === undefined || visit.order > before.end) last.set(visit.context, visit);
    }
  }
  return found;
});

/** Whether code of `caller` itself called `callee`, in a frame that lasted. */
export function hasCalled(root: CallFrame, caller: Address, callee: Address): boolean {
  return walk(root).some((v) => !v.reverted && v.context === callee && v.parent?.context === caller);
}

/** Contracts that came into being in this transaction and lasted. */
export const createdIn = oncePer((root: CallFrame): readonly Address[] =>
  walk(root)
    .filter((v) => !v.reverted && (v.frame.type === "CREATE" || v.frame.type === "CREATE2"))
    .map((v) => v.frame.to),
);
