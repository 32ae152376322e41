// One block through the handlers of a detector. A handler that lacks state does not stop the others: what all of them lack is
// asked in one round, and then every handler runs again from its start, its writes and findings of before being dropped.
import type { Log } from "@testudo/core/model/BlockBundle";
import { findReentries, type Visit, walk } from "@testudo/core/model/CallTree";
import { type DetectContext, ReadPending } from "@testudo/core/model/Detector";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import type { TxView } from "@testudo/core/model/TxView";
import { type BookedContract, type ContractBook, decodeCall, decodeEvent } from "./ContractBook.ts";
import type { TxTrigger } from "./DetectorDefinition.ts";
import { handlingOf, type Place } from "./handlingOf.ts";
import { Unreadable } from "./readContracts.ts";

type Handler = (c: never) => unknown;

/** What a detector's `setup` asked to be told. */
export interface Handlers {
  readonly events: readonly {
    readonly contract: BookedContract;
    readonly topics: ReadonlySet<Hex>;
    readonly handler: Handler;
  }[];
  /** Without selectors: any call. */
  readonly frames: readonly {
    readonly contract: BookedContract;
    readonly selectors: ReadonlySet<Hex> | undefined;
    readonly handler: Handler;
  }[];
  readonly txs: readonly { readonly handler: Handler; readonly only?: readonly TxTrigger[] }[];
  readonly blocks: readonly { readonly every: number; readonly handler: Handler }[];
}

export interface Run {
  readonly id: string;
  readonly major: string;
  readonly book: ContractBook;
  readonly handlers: Handlers;
}

/** Judges the block of `context`. Throws ReadPending for what is lacking, or what a handler threw. */
export function runHandlers(run: Run, context: DetectContext<object>): void {
  const calls = openCalls(run, context);
  for (const view of context.txs) {
    for (const { handler, only } of run.handlers.txs)
      if (only === undefined || only.some((trigger) => isPulled(trigger, view, context.watched)))
        calls.run(handler, { view });
    for (const log of view.logs) onLog(run, calls, view, log);
    if (view.trace !== undefined && run.handlers.frames.length > 0)
      for (const visit of walk(view.trace)) onVisit(run, calls, view, visit);
  }
  for (const { every, handler } of run.handlers.blocks)
    if (context.block.ref.number % BigInt(every) === 0n) calls.run(handler, {});
  calls.finish();
}

function isPulled(trigger: TxTrigger, { tx, logs }: TxView, watched: ReadonlySet<Address>): boolean {
  const { at } = trigger;
  const isAt = (address: Address | null) =>
    address !== null && (at === "any" || (at === "watched" ? watched.has(address) : at.includes(address)));
  if (trigger.kind === "entry") return tx.input.startsWith(trigger.selector) && isAt(tx.to);
  return isAt(tx.from) || isAt(tx.to) || logs.some(({ address }) => isAt(address));
}

interface Calls {
  readonly has: (contract: BookedContract, address: Address) => boolean;
  /** Looked for once in a transaction: each of thousands of calls may ask. */
  readonly reentriesOf: (view: TxView, contract: BookedContract) => ReadonlySet<Visit>;
  readonly run: (handler: Handler, place: Place) => void;
  readonly undecodable: (contract: BookedContract, name: string, address: Address, view: TxView) => void;
  readonly finish: () => void;
}

function openCalls(run: Run, context: DetectContext<object>): Calls {
  const pending: StateRead[] = [];
  const failures: unknown[] = [];
  const unread = new Map<string, Unreadable>();
  const broken = new Map<string, { readonly address: Address; readonly view: TxView; count: number }>();
  const has = (contract: BookedContract, address: Address) =>
    contract.addresses === "any" ||
    (contract.addresses === undefined ? context.watched.has(address) : contract.addresses.includes(address));
  const reentries = new Map<TxView, Map<BookedContract, ReadonlySet<Visit>>>();
  const reentriesOf = (view: TxView, contract: BookedContract) => {
    const ofView = reentries.get(view) ?? new Map<BookedContract, ReadonlySet<Visit>>();
    reentries.set(view, ofView);
    const found = ofView.get(contract) ?? reentriesIn(view, (address) => has(contract, address));
    ofView.set(contract, found);
    return found;
  };
  return {
    has,
    reentriesOf,
    run(handler, place) {
      try {
        const result = handler(handlingOf(run, context, place) as never);
        if (result instanceof Promise) {
          result.catch(() => undefined);
          throw new HandlerAsync(run.id);
        }
      } catch (error) {
        if (error instanceof ReadPending) pending.push(...error.reads);
        else if (error instanceof Unreadable) unread.set(error.what, error);
        else failures.push(error);
      }
    },
    undecodable(contract, name, address, view) {
      const key = `${contract.name}:${name}`;
      const seen = broken.get(key) ?? { address, view, count: 0 };
      seen.count += 1;
      broken.set(key, seen);
    },
    finish() {
      // What was thrown beside a missing answer may come of the gap itself.
      if (pending.length > 0) throw new ReadPending(pending);
      if (failures.length > 0) throw failures[0];
      for (const [key, { address, view, count }] of broken)
        tellUndecodable(run, context, { key, address, view, count });
      for (const error of unread.values()) tellUnread(context, error);
    },
  };
}

function onLog(run: Run, calls: Calls, view: TxView, log: Log): void {
  const [topic] = log.topics;
  if (topic === undefined) return;
  for (const { contract, topics, handler } of run.handlers.events) {
    if (!topics.has(topic) || !calls.has(contract, log.address)) continue;
    const item = contract.events.get(topic)!;
    const args = decodeEvent(item, log);
    if (args === undefined) calls.undecodable(contract, item.name, log.address, view);
    else calls.run(handler, { view, log, event: { name: item.name, args }, contract, address: log.address });
  }
}

function onVisit(run: Run, calls: Calls, view: TxView, visit: Visit): void {
  if (visit.reverted || visit.frame.type === "SELFDESTRUCT" || isHandedOn(visit)) return;
  const selector = visit.selector;
  for (const { contract, selectors, handler } of run.handlers.frames) {
    if (!calls.has(contract, visit.context) || (selectors !== undefined && !selectors.has(selector))) continue;
    const item = contract.functions.get(selector);
    const args = item && decodeCall(item, visit.frame.input);
    // A handler of one function is promised its arguments; one of any call has to look.
    if (selectors !== undefined && args === undefined) {
      calls.undecodable(contract, item!.name, visit.context, view);
      continue;
    }
    const reenters = (other: BookedContract) => calls.reentriesOf(view, other).has(entryOf(visit));
    calls.run(handler, {
      view,
      visit,
      contract,
      address: visit.context,
      frame: { name: item?.name, selector, args, implementation: implementationIn(visit), reenters },
    });
  }
}

/** A proxy that passes its call on is one call, not two; a delegation with other calldata (multicall) is a call of its own. */
function isHandedOn({ frame, parent, context }: Visit): boolean {
  if (frame.type !== "DELEGATECALL" && frame.type !== "CALLCODE") return false;
  return parent !== undefined && parent.context === context && parent.frame.input === frame.input;
}

function implementationIn({ frame, context }: Visit): Address | undefined {
  if (frame.type === "DELEGATECALL" || frame.type === "CALLCODE") return frame.to;
  const code = frame.calls.find(
    (call) => call.type === "DELEGATECALL" && call.from === context && call.input === frame.input,
  );
  return code?.to;
}

/** A delegated call is within the call that was entered. */
function entryOf(visit: Visit): Visit {
  let entry = visit;
  while (entry.parent !== undefined && entry.parent.context === entry.context) entry = entry.parent;
  return entry;
}

/** The calls of `view` that re-enter what `isOf` holds for. */
function reentriesIn(view: TxView, isOf: (address: Address) => boolean): ReadonlySet<Visit> {
  const contexts = walk(view.trace!).map(({ context }) => context);
  return new Set(findReentries(view.trace!, new Set(contexts.filter(isOf))).map(({ inner }) => inner));
}

interface Broken {
  readonly key: string;
  readonly address: Address;
  readonly view: TxView;
  readonly count: number;
}

function tellUndecodable({ major }: Run, context: DetectContext<object>, { key, address, view, count }: Broken): void {
  const total = context.memory.count(`v${major}/undecodable:${key}`, count);
  context.finding({
    severity: "low",
    class: "health",
    reason: `${count} of ${key} at ${address} did not fit the ABI and were skipped.`,
    subject: address,
    txHash: view.tx.hash,
    key: ["undecodable", key],
    score: 1,
    evidence: { what: key, inBlock: count, total },
  });
}

// Whoever makes a view revert would blind the handler unseen.
function tellUnread(context: DetectContext<object>, error: Unreadable): void {
  const [subject] = context.watched;
  if (subject === undefined) return;
  context.finding({
    severity: "medium",
    class: "health",
    reason: error.message.split("\n")[0]!,
    subject,
    key: ["unread", error.what],
    score: 1,
    evidence: { read: error.what },
  });
}

/** A handler gave a promise. Not retryable. */
export class HandlerAsync extends Error {
  override readonly name = "HandlerAsync";
  constructor(detector: string) {
    super(
      `A handler of detector "${detector}" is async.\n- A step is a pure function: state that is not there ends the handler, and it runs again with the answer.\n- Take \`async\` and \`await\` out; c.read gives its value at once.`,
    );
  }
}
