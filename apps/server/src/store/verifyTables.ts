import type { Action } from "@testudo/core/model/Action";
import type { Notice } from "@testudo/core/model/Notice";
import { sql } from "kysely";
import { keccak256 } from "viem/utils";
import { addSum, type SummedTable, sumOf } from "./checksums.ts";
import { LiveFromAltered, readLiveFrom } from "./liveFrom.ts";
import type { Store } from "./Store.ts";
import type { FaultDraft } from "./StoreFault.ts";
import type { Tables } from "./Tables.ts";
import { parseBody } from "./verifyChain.ts";

const pageSize = 500;

// How the checksum of a row is made and the row named, and by what its table is paged. Same columns as at the write.
const summed: { readonly [T in SummedTable]: { key: string; sum(row: Tables[T]): string } } = {
  notices: { key: "seq", sum: (r) => sumOf(r.id, r.thread, r.body, r.evidence_seq) },
  cells: { key: "key", sum: (r) => sumOf(r.key, r.value) },
  undo: { key: "position", sum: (r) => sumOf(r.position, r.body) },
  cursor: { key: "one", sum: (r) => sumOf(r.body) },
  commands: { key: "action || '/' || kind", sum: (r) => sumOf(r.action, r.kind, r.body) },
  outbox: { key: "id", sum: (r) => sumOf(r.notice_id, r.channel, r.thread, r.created_at) },
  transactions: { key: "id", sum: (r) => sumOf(r.action, r.chain_id, r.sender, r.nonce, r.hash, r.raw, r.stored_at) },
};

/** Rows whose checksum is wrong, and rows that were added or removed without the program. */
export async function findSumFault(store: Store): Promise<FaultDraft | undefined> {
  try {
    await readLiveFrom(store);
  } catch (error) {
    if (!(error instanceof LiveFromAltered)) throw error;
    return { table: "meta", row: "live-from", what: error.message.split("\n")[0]! };
  }
  for (const table of Object.keys(summed) as SummedTable[]) {
    const fault = await findTableFault(store, table);
    if (fault) return fault;
  }
  return undefined;
}

async function findTableFault(store: Store, table: SummedTable): Promise<FaultDraft | undefined> {
  let rows = 0;
  let total = 0n;
  for await (const { row, key } of readRows(store, table)) {
    const sum = (summed[table].sum as (row: unknown) => string)(row);
    if (sum !== row.sum) return { table, row: key, what: `Row "${key}" of ${table} was altered.` };
    rows += 1;
    total = addSum(total, BigInt(`0x${sum}`));
  }
  const known = await store.db.selectFrom("sums").selectAll().where("name", "=", table).executeTakeFirst();
  if (known?.rows === rows && known.total === total.toString()) return undefined;
  return {
    table,
    what: `Table ${table} holds ${rows} rows, and its checksum says ${known?.rows ?? "nothing"}: rows were added, removed or exchanged.`,
  };
}

async function* readRows(store: Store, table: SummedTable): AsyncGenerator<{ row: { sum: string }; key: string }> {
  const key = sql.raw(summed[table].key);
  let after: unknown;
  for (;;) {
    const where = after === undefined ? sql`` : sql`where ${key} > ${after}`;
    const { rows } = await sql<{ sum: string; page_key: string | number }>`
      select *, ${key} as page_key from ${sql.table(table)} ${where} order by ${key} limit ${pageSize}`.execute(
      store.db,
    );
    for (const row of rows) yield { row, key: String(row.page_key) };
    if (rows.length < pageSize) return;
    after = rows.at(-1)!.page_key;
  }
}

/** Notices that are not what their id names, and outbox rows without a notice. */
export async function findNoticeFault(store: Store): Promise<FaultDraft | undefined> {
  for await (const { row } of readRows(store, "notices")) {
    const { id, thread, body, evidence_seq: sequence } = row as unknown as Tables["notices"];
    const notice = parseBody<Notice>(body);
    if (notice?.id !== id || notice.thread !== thread)
      return { table: "notices", sequence, row: id, what: `Notice ${id} was altered: its content carries another id.` };
  }
  const loose = await store.db
    .selectFrom("outbox as o")
    .leftJoin("notices as n", "n.id", "o.notice_id")
    .select(["o.id", "o.notice_id"])
    .where("n.id", "is", null)
    .limit(1)
    .executeTakeFirst();
  return (
    loose && {
      table: "outbox",
      row: String(loose.id),
      what: `Outbox row ${loose.id} belongs to notice ${loose.notice_id}, which is missing.`,
    }
  );
}

/**
 * Signed bytes that are not those of their hash, rules whose nonce rose, and nonces that would be leased again. An action may have had
 * several: below a hole it gets a lower one, and a pause a higher one where something else used its own. What counts are its newest bytes.
 */
export async function findTransactionFault(store: Store): Promise<FaultDraft | undefined> {
  const newest = new Map<string, { readonly sender: string; readonly nonce: number }>();
  for await (const { row, key } of readRows(store, "transactions")) {
    const tx = row as unknown as Tables["transactions"];
    const at = { table: "transactions", row: key };
    if (hashOfRaw(tx.raw) !== tx.hash)
      return { ...at, what: `Transaction ${tx.hash} was altered: it is not the hash of its bytes.` };
    const before = newest.get(tx.action)?.nonce;
    // The council refuses a pause the second time; a rule would be set twice.
    if (before !== undefined && before < tx.nonce && (await isRule(store, tx.action)))
      return { ...at, what: `Rule ${tx.action} has two nonces, ${before} and ${tx.nonce}.` };
    newest.set(tx.action, { sender: `${tx.chain_id}/${tx.sender}`, nonce: tx.nonce });
  }
  const next = new Map<string, number>();
  for (const { sender, nonce } of newest.values()) next.set(sender, Math.max(next.get(sender) ?? 0, nonce + 1));
  const rows = await store.db.selectFrom("nonces").selectAll().execute();
  const stored = new Map(rows.map((row) => [`${row.chain_id}/${row.sender}`, row.next]));
  const wrong = [...new Set([...next.keys(), ...stored.keys()])].find(
    (sender) => (stored.get(sender) ?? 0) !== (next.get(sender) ?? 0),
  );
  return wrong === undefined
    ? undefined
    : {
        table: "nonces",
        row: wrong,
        what: `Next nonce of ${wrong} is ${stored.get(wrong)}, and must be ${next.get(wrong) ?? 0}.`,
      };
}

async function isRule({ db }: Store, id: string): Promise<boolean> {
  const record = await db
    .selectFrom("records")
    .select("body")
    .where("id", "=", id)
    .where("kind", "=", "Action")
    .executeTakeFirst();
  return record !== undefined && parseBody<Action>(record.body)?.type === "guardRule";
}

function hashOfRaw(raw: string): string | undefined {
  return /^0x([0-9a-f]{2})+$/.test(raw) ? keccak256(raw as `0x${string}`) : undefined;
}
