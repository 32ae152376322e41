// Sets and fires the timers of escalations. Notices are read from the store behind a cursor that moves with the timers, so that
// what came before a crash is looked at after it.
import type { Notice } from "@testudo/core/model/Notice";
import { fromPlainJson, toPlainJson } from "@testudo/core/model/plainJson";
import { sql } from "kysely";
import { decideEscalation, decideTimers, type Escalation } from "../../deliver/decideTimers.ts";
import { findingNow } from "../../store/findingNow.ts";
import { putNotice } from "../../store/putNotice.ts";
import type { FeedEntry } from "../../store/readFeed.ts";
import type { Store } from "../../store/Store.ts";
import { clearTimers, listTimers, moveTimer, setTimer, type Timer } from "../../store/timers.ts";
import type { Task } from "./timekeeper.ts";

/** What escalations need. */
export interface EscalateOptions {
  readonly store: Store;
  readonly rules: readonly Escalation[];
  /** Channels that there are: a timer of before a restart may name others. */
  readonly channels: readonly string[];
  /** Told of what was put into the outbox. */
  readonly onPut: (entries: readonly FeedEntry[]) => void;
}

const cursorKey = "escalation-cursor";
const pageSize = 200;

/** The task that looks at new notices and fires what is due. Nothing that was said before the first start counts. */
export async function escalate(options: EscalateOptions): Promise<Task> {
  const { store } = options;
  const { rows } = await sql<{ seq: number }>`select coalesce(max(seq), 0)::int8 as seq from notices`.execute(store.db);
  await store.db
    .insertInto("meta")
    .values({ key: cursorKey, value: String(rows[0]!.seq) })
    .onConflict((c) => c.doNothing())
    .execute();
  let lookedAtMs = Number.POSITIVE_INFINITY;
  return async () => {
    while ((await takePage(options)) === pageSize);
    const now = store.now();
    if (now < lookedAtMs) await heedClock(store, now);
    lookedAtMs = now;
    for (const timer of await listTimers(store, "escalation", store.now())) await fire(options, timer);
    return (await listTimers(store, "escalation"))[0]?.dueAt;
  };
}

/** Has no timer run longer than its rule says, which one does that was set before the clock was set back. */
async function heedClock(store: Store, nowMs: number): Promise<void> {
  for (const { key, dueAt, body } of await listTimers(store, "escalation")) {
    const latest = nowMs + fromPlainJson<{ rule: Escalation }>(body).rule.afterMs;
    if (dueAt > latest) await moveTimer(store.db, "escalation", key, latest);
  }
}

/** Looks at the next notices; returns how many they were. */
async function takePage({ store, rules }: EscalateOptions): Promise<number> {
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", cursorKey).executeTakeFirstOrThrow();
  const { rows } = await sql<{ seq: number; body: string; at: number | null }>`
    select n.seq, n.body, (select min(o.created_at) from outbox o where o.notice_id = n.id)::int8 as at
    from notices n where n.seq > ${Number(row.value)} order by n.seq limit ${pageSize}`.execute(store.db);
  const last = rows.at(-1);
  if (last === undefined) return 0;
  const now = store.now();
  await store.db.transaction().execute(async (trx) => {
    for (const { body, at } of rows) {
      const notice = fromPlainJson<Notice>(body);
      for (const change of decideTimers(notice, at ?? now, rules))
        if (change.kind === "clear") await clearTimers(trx, "escalation", change);
        else
          await setTimer(trx, "escalation", {
            key: change.key,
            dueAt: change.dueAt,
            body: toPlainJson({ notice, rule: change.rule }),
          });
    }
    await trx
      .updateTable("meta")
      .set({ value: String(last.seq) })
      .where("key", "=", cursorKey)
      .execute();
  });
  return rows.length;
}

async function fire({ store, channels, onPut }: EscalateOptions, { key, body }: Timer): Promise<void> {
  const { notice, rule } = fromPlainJson<{ notice: Notice; rule: Escalation }>(body);
  const view = await findingNow(store, notice.record);
  const escalated = decideEscalation(notice, rule, view?.status);
  const to = rule.to.filter((name) => channels.includes(name));
  if (escalated === undefined || to.length === 0) return clearTimers(store.db, "escalation", { keys: [key] });
  onPut(await putNotice(store, escalated, to, (trx) => clearTimers(trx, "escalation", { keys: [key] })));
}
