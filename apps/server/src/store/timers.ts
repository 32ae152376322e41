// What is to be done later. A timer is set and taken away in the transaction of what it belongs to, so that none is lost and none
// fires twice, whatever is killed when.
import type { Transaction } from "kysely";
import type { Store } from "./Store.ts";
import type { Tables } from "./Tables.ts";

/** `escalation`: somebody has to acknowledge. `channel-test`: a channel has to show that it works. */
export type TimerKind = "escalation" | "channel-test";

/** Something due at `dueAt` (Unix milliseconds). `body` is JSON of its kind. */
export interface Timer {
  readonly key: string;
  readonly dueAt: number;
  readonly body: string;
}

/** Timers of `kind`, the next first; those due by `untilMs` where it is given. */
export async function listTimers(store: Store, kind: TimerKind, untilMs?: number): Promise<Timer[]> {
  let query = store.db.selectFrom("timers").select(["key", "due_at", "body"]).where("kind", "=", kind);
  if (untilMs !== undefined) query = query.where("due_at", "<=", untilMs);
  const rows = await query.orderBy("due_at").orderBy("key").execute();
  return rows.map(({ key, due_at, body }) => ({ key, dueAt: due_at, body }));
}

/** Sets a timer unless it is set. */
export async function setTimer(db: Store["db"] | Transaction<Tables>, kind: TimerKind, timer: Timer): Promise<void> {
  await db
    .insertInto("timers")
    .values({ kind, key: timer.key, due_at: timer.dueAt, body: timer.body })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** Sets when a timer is due, anew. */
export async function moveTimer(
  db: Store["db"] | Transaction<Tables>,
  kind: TimerKind,
  key: string,
  dueAt: number,
): Promise<void> {
  await db.updateTable("timers").set({ due_at: dueAt }).where("kind", "=", kind).where("key", "=", key).execute();
}

/** Takes timers away: those named, or whose key begins with `prefix`. */
export async function clearTimers(
  db: Store["db"] | Transaction<Tables>,
  kind: TimerKind,
  which: { readonly keys: readonly string[] } | { readonly prefix: string },
): Promise<void> {
  if ("keys" in which && which.keys.length === 0) return;
  const query = db.deleteFrom("timers").where("kind", "=", kind);
  if ("keys" in which) await query.where("key", "in", which.keys).execute();
  // Keys are hexadecimal and slashes: none of them is a wildcard.
  else await query.where("key", "like", `${which.prefix}%`).execute();
}
