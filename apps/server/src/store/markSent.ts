import { toText } from "./outbox.ts";
import type { Store } from "./Store.ts";

/** What a channel's answer leaves behind: the service's name of the thread, and what it said. */
export interface SentMark {
  readonly root?: string | undefined;
  readonly said?: string | undefined;
  /** The rows went as one digest. */
  readonly folded?: boolean;
  /** It was a test: its receipt is kept (SELF-03). */
  readonly isTest?: boolean;
}

/**
 * The channel took the rows `ids`. The mark, the service's name of their thread and the receipt of a test become durable
 * together, so that a later notice of the thread finds it.
 */
export async function markSent(store: Store, id: number | readonly number[], mark: SentMark = {}): Promise<void> {
  const ids = typeof id === "number" ? [id] : id;
  const now = store.now();
  await store.db.transaction().execute(async (trx) => {
    const rows = await trx
      .updateTable("outbox")
      .set((e) => ({
        state: "sent" as const,
        sent_at: now,
        attempts: e("attempts", "+", 1),
        receipt: mark.said === undefined ? null : toText(mark.said),
      }))
      .where("id", "in", ids)
      .where("state", "=", "pending")
      .returning(["channel", "thread", "notice_id"])
      .execute();
    if (rows.length === 0) return;
    const threads = new Map(rows.map(({ channel, thread }) => [`${channel} ${thread}`, { channel, thread }]));
    await trx
      .insertInto("threads")
      .values(
        [...threads.values()].map((thread) => ({
          ...thread,
          root: mark.root === undefined ? null : toText(mark.root),
          folded: mark.folded ?? false,
          told_at: now,
        })),
      )
      .onConflict((c) =>
        c.columns(["channel", "thread"]).doUpdateSet((e) => ({
          // A thread that was lost on the other side and begun anew has another name from here on.
          root: e.fn.coalesce("excluded.root", "threads.root"),
        })),
      )
      .execute();
    if (!mark.isTest) return;
    const receipts = rows.map(({ channel, notice_id }) => ({
      channel,
      notice_id,
      at: now,
      receipt: toText(mark.said ?? mark.root ?? "taken"),
    }));
    await trx.insertInto("receipts").values(receipts).execute();
  });
}
