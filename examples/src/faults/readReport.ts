import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { Receiver } from "testudo/deliver/receiver.testkit";
import { listActions } from "testudo/store/listViews";
import { openStore } from "testudo/store/openStore";
import { verifyStore } from "testudo/store/verifyStore";
import type { Pause } from "./openTheatre.ts";

/** What chain, receiver and harness know of a play. */
export interface Seen {
  readonly pauses: readonly Pause[];
  /** Transactions of the sender in blocks. */
  readonly nonce: number;
  readonly sender: Address;
  readonly lossUsd: number;
  readonly firstBadBlock: number;
  readonly receiver: Receiver;
  readonly kills: readonly string[];
  readonly starts: number;
}

/** A play as chain, receiver and store tell it afterwards. */
export interface PlayReport extends Seen {
  readonly storeFault: string | undefined;
  readonly notices: readonly Notice[];
  /** Outbox rows by state. */
  readonly outbox: { readonly [state: string]: number };
  readonly actions: readonly {
    readonly id: Hex;
    readonly target: Address;
    readonly states: readonly string[];
    readonly approvals: number;
  }[];
  readonly transactions: readonly { readonly action: string; readonly nonce: number; readonly hash: string }[];
}

/** Reads the folder of a defender that is dead. */
export async function readReport(dataDir: string, seen: Seen): Promise<PlayReport> {
  const store = await openStore(dataDir);
  try {
    const { fault } = await verifyStore(store);
    const notices = await store.db.selectFrom("notices").select("body").orderBy("seq").execute();
    const outbox = await store.db.selectFrom("outbox").select("state").execute();
    const actions = await listActions(store);
    const transactions = await store.db
      .selectFrom("transactions")
      .select(["action", "nonce", "hash"])
      .orderBy("id")
      .execute();
    return {
      ...seen,
      storeFault: fault?.what,
      notices: notices.map(({ body }) => fromPlainJson<Notice>(body)),
      outbox: Object.fromEntries(
        [...new Set(outbox.map(({ state }) => state))].map((state) => [
          state,
          outbox.filter((row) => row.state === state).length,
        ]),
      ),
      actions: actions.map(({ action, history, approvals }) => ({
        id: action.id,
        target: action.target,
        states: history.map(({ state }) => state),
        approvals: approvals.length,
      })),
      transactions,
    };
  } finally {
    await store.close();
  }
}
