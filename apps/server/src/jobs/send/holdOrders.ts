import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Command, Commit } from "@testudo/core/model/Output";
import { endedBy } from "../../store/writeCommands.ts";
import type { SendCommand } from "./leaseBytes.ts";

/** Orders that wait. */
export interface HeldOrders {
  /** Drops those whose action ends by `commit`. */
  onStored(commit: Commit): void;
}

/** What holding needs. */
export interface HoldOptions {
  /** The chain's head, as the nodes tell it; undefined while they have not. */
  readonly chainHead: () => bigint | undefined;
  /** The newest block that is judged. */
  readonly judged: () => BlockRef | undefined;
  /** Whether the nodes have that block too: what it stands on may have been orphaned by a chain that is no longer. */
  readonly stands: (judged: BlockRef) => boolean;
  readonly run: (command: Command) => void;
  readonly signal: AbortSignal;
  /** How often to look, and the most that a pause is held, in milliseconds. Default 50 and a minute. */
  readonly lookEveryMs?: number;
  readonly mostMs?: number;
}

/**
 * Holds `orders`, which are of before the start, until what has happened meanwhile is judged: a deadline may have passed, which ends no
 * rule on chain, and a cause may have been orphaned. A pause is not held for ever: nodes may claim a head that never comes, and the
 * council knows its deadline.
 */
export function holdOrders(orders: readonly SendCommand[], options: HoldOptions): HeldOrders {
  const { chainHead, judged, stands, run, signal, lookEveryMs = 50, mostMs = 60_000 } = options;
  const startMs = performance.now();
  let held = orders;
  let least: bigint | undefined;
  const isJudged = (): boolean => {
    const at = judged();
    // Before, whoever is behind, or says so, may be the first that is heard.
    if (at === undefined || !stands(at)) return false;
    const head = chainHead();
    // The lowest that was told: one that was alone at the start may have claimed any.
    if (head !== undefined && (least === undefined || head < least)) least = head;
    return least !== undefined && at.number >= least;
  };
  const look = (): void => {
    const isOver = isJudged();
    const isLate = performance.now() - startMs > mostMs;
    const due = held.filter(({ action }) => isOver || (isLate && action.type === "pause"));
    held = held.filter((order) => !due.includes(order));
    for (const order of due) run(order);
    if (held.length === 0) clearInterval(timer);
  };
  const timer = setInterval(look, lookEveryMs);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return {
    onStored(commit) {
      const over = endedBy([commit]);
      held = held.filter(({ action, kind }) => !over.get(action.id)?.includes(kind));
    },
  };
}
