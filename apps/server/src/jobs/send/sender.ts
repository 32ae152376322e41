import { sleep } from "@testudo/chain/rpc/sleep";
import { type ActionStatus, isTerminal } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { dropOpen, dropUnsent, freeUnsent, listTransactions } from "../../store/leaseNonce.ts";
import { hasLeftAs } from "../../store/noteLeaving.ts";
import type { SendCommand } from "./leaseBytes.ts";
import { type SendOptions, sendAction } from "./send.ts";
import { leftAsInForce, leftAsItEnded } from "./tellLeft.ts";

/** Sends several actions, each by one loop however often it is ordered. */
export interface Sender {
  add(command: SendCommand): void;
  /** Ends the loops of actions that are in force by now, or have ended. */
  onStored(commit: Commit): void;
  /** Resolves when no loop runs any more; `signal` has to fire before. */
  close(): Promise<void>;
}

interface Loop {
  readonly type: SendCommand["action"]["type"];
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** What is left of a loop. Without a type: of an action that none was for. */
interface Over {
  readonly type?: Loop["type"] | undefined;
  readonly done: Promise<void>;
}

const againMs = 1_000;

export function openSender(options: SendOptions): Sender {
  const running = new Map<Hex, Loop>();
  // Loops that are told to stop, and still wait for a node's answer; and what is done after them before the next may begin.
  const ending = new Map<Hex, Over>();
  const start = (command: SendCommand): void => {
    const { id, type } = command.action;
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    // Two at a time would each make bytes of what the other has just replaced, which counts as a signer's fault and ends the action.
    const done = (ending.get(id)?.done ?? Promise.resolve())
      .then(() => sendAction({ ...options, signal }, command))
      .catch((error: unknown) => {
        const note = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) options.tell({ kind: "effect", action: id, state: "failed", note });
      })
      .finally(() => {
        if (running.get(id)?.stop === stop) running.delete(id);
      });
    running.set(id, { type, stop, done });
  };
  const noteEnding = (id: Hex, over: Over): void => {
    ending.set(id, over);
    void over.done.then(() => {
      if (ending.get(id) === over) ending.delete(id);
    });
  };
  const stopLoop = (id: Hex, loop: Loop): void => {
    loop.stop.abort();
    running.delete(id);
    noteEnding(id, loop);
  };
  const dropping = new Set<Promise<void>>();
  // What was leased while it was being ended. A database that is away for a moment is asked again.
  const dropAfter = async (done: Promise<void> | undefined, action: Hex, drop: typeof dropUnsent): Promise<void> => {
    await done;
    do
      try {
        return await drop(options.store.db, action);
      } catch {
        await sleep(againMs, options.signal);
      }
    while (!options.signal.aborted);
  };
  // Whoever ended it, or saw it in force, believed that nothing had left; what leaves meanwhile is told so.
  const tellAfter = async (action: Hex, note: string): Promise<void> => {
    const left = (await listTransactions(options.store, action)).findLast(({ state }) => hasLeftAs(state));
    if (left === undefined || options.signal.aborted) return;
    options.tell({ kind: "effect", action, state: "broadcast", note, txHash: left.hash });
  };
  // Others may have put it in force, by the guardians' signatures, so as to have a later pause wait behind bytes that nobody gives out. A
  // rule is set by our own key, and keeps its one nonce.
  const free = (action: Hex, over: Over | undefined): void => {
    const done = dropAfter(over?.done, action, async (db) => {
      if (over?.type !== "guardRule") await freeUnsent(db, action);
      await tellAfter(action, leftAsInForce);
    });
    noteEnding(action, { ...over, done });
  };
  const drop = ({ action, state }: ActionStatus, over: Over | undefined): void => {
    const dropped = dropAfter(over?.done, action, async (db) => {
      await (state === "failed" ? dropOpen : dropUnsent)(db, action);
      if (state === "stale" || state === "killed") await tellAfter(action, leftAsItEnded);
      // No deadline ends a rule's bytes on chain: whoever waits behind them is not to have them given on. Only a rule is ever released.
      if (state === "released" || over?.type === "guardRule") await dropOpen(db, action);
    }).finally(() => dropping.delete(dropped));
    dropping.add(dropped);
  };
  return {
    add(command) {
      if (!running.has(command.action.id)) start(command);
    },
    onStored({ records }) {
      for (const record of records) {
        if (record.kind !== "ActionStatus" || !(record.state === "active" || isTerminal(record.state))) continue;
        const loop = running.get(record.action);
        if (loop !== undefined) stopLoop(record.action, loop);
        // It may be in force first, and end while that loop still signs.
        const over = ending.get(record.action);
        if (isTerminal(record.state)) drop(record, over);
        else free(record.action, over);
      }
    },
    close: async () => {
      await Promise.all([...running.values(), ...ending.values()].map(({ done }) => done));
      await Promise.all(dropping);
    },
  };
}
