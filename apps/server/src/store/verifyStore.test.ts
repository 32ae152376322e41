import type { Action } from "@testudo/core/model/Action";
import type { Hex } from "@testudo/core/model/Hex";
import { identify } from "@testudo/core/model/Record";
import { type ControlledTransaction, sql } from "kysely";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256 } from "viem/utils";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { action, actionStatus, chainOf } from "./chain.testkit.ts";
import { leaseNonce, renewNonce } from "./leaseNonce.ts";
import { readHead } from "./loadState.ts";
import { openStore } from "./openStore.ts";
import type { Store } from "./Store.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import type { Tables } from "./Tables.ts";
import { verifyStore } from "./verifyStore.ts";

// Each test edits the database inside a transaction that is rolled back, so that one filled store serves all.
const fixture = await storeFixture();
const account = privateKeyToAccount(`0x${"7".repeat(64)}`);
const filled = await openStore(fixture.folder());
await fill(filled);
afterAll(async () => {
  await filled.close();
  await fixture.remove();
});

let store: Store;
let undo: () => Promise<void>;
beforeEach(async () => {
  const trx: unknown = await filled.db.startTransaction().execute();
  store = { ...filled, db: trx as Store["db"] };
  undo = async () => void (await (trx as ControlledTransaction<Tables>).rollback().execute());
});
afterEach(() => undo());

function requestOf(action: Hex) {
  return { chainId: 31337, sender: account.address as Hex, chainNonce: 0, action };
}

async function sign(nonce: number) {
  const raw = await account.signTransaction({
    type: "eip1559",
    chainId: 31337,
    nonce,
    to: `0x${"c0".repeat(20)}`,
    gas: 1n,
    maxFeePerGas: 1n,
  });
  return { raw, hash: keccak256(raw) };
}

async function fill(target: Store): Promise<void> {
  const chain = chainOf();
  const plan = action("one");
  const commits = [
    chain.block(1),
    chain.block(2, 2),
    chain.block(3, 1),
    chain.link({ records: [plan, actionStatus(plan, "proposed")] }),
  ];
  const commands = [
    { kind: "simulate", action: plan, triggers: [], blocks: [] },
    { kind: "collect", action: plan },
  ] as const;
  await applyCommits(target, [...commits, chain.block(4)], commands, ["terminal", "hook"]);
  for (const name of ["one", "two"]) await leaseNonce(target, requestOf(action(name).id), sign);
}

const run = (statement: string) => sql.raw(statement).execute(store.db);

test("RESP-13: an untouched store holds, and its head is given", async () => {
  const verdict = await verifyStore(store, await readHead(store));
  expect(verdict).toMatchObject({ fault: undefined, links: 5, records: 8 });
  expect(verdict.head).toEqual(await readHead(store));
});

describe("RESP-13: one changed byte is found", () => {
  // The column of each table that holds its content, and a row to damage.
  const contents = [
    ["evidence", "body", "sequence = 1"],
    ["records", "body", "seq = 2"],
    ["notices", "body", "seq = (select min(seq) from notices)"],
    ["cells", "value", `key = '"count"'`],
    ["undo", "body", "position = 2"],
    ["cursor", "body", "one = 1"],
    ["commands", "body", "kind = 'collect'"],
    ["transactions", "raw", "nonce = 1"],
  ] as const;
  test.each(contents)("in %s.%s", async (table, column, where) => {
    const text = await sql<{
      text: string;
    }>`select ${sql.ref(column)} as text from ${sql.table(table)} where ${sql.raw(where)}`.execute(store.db);
    const length = text.rows[0]!.text.length;
    for (const place of [0, Math.floor(length / 2), length - 1]) {
      await run("savepoint before");
      // Adding one to the lowest bit keeps digits digits and letters letters.
      await run(`update ${table} set ${column} = overlay(${column} placing
        chr(ascii(substr(${column}, ${place + 1}, 1)) # 1) from ${place + 1} for 1) where ${where}`);
      expect((await verifyStore(store)).fault?.table, `byte ${place}`).toBe(table);
      await run("rollback to savepoint before");
    }
  });

  const columns = [
    ["evidence", "id = replace(id, '0x', '0x0')", "sequence = 2"],
    ["evidence", "previous = '0x00'", "sequence = 2"],
    ["records", "kind = 'Remark'", "seq = 2"],
    ["records", "about = null", "seq = 2"],
    ["records", "state = 'resolved'", "seq = 2"],
    ["records", "evidence_seq = 2", "seq = 2"],
    ["records", "evidence_seq = 99", "seq = 8"],
    ["notices", "thread = 'other'", "seq > 0"],
    ["notices", "evidence_seq = 0", "seq = (select min(seq) from notices)"],
    ["cells", "key = '\"counu\"'", `key = '"count"'`],
    ["outbox", "channel = 'hool'", "channel = 'hook' and id = (select min(id) from outbox where channel = 'hook')"],
    ["outbox", "created_at = created_at + 1", "id = 1"],
    ["commands", "action = '0x'", "kind = 'collect'"],
    ["transactions", "hash = '0x00'", "nonce = 1"],
    ["transactions", "action = '0x00'", "nonce = 1"],
    ["nonces", "next = 1", "true"],
    ["nonces", "chain_id = 1", "true"],
  ] as const;
  test.each(columns)("in %s set %s", async (table, change, where) => {
    await run(`update ${table} set ${change} where ${where}`);
    expect((await verifyStore(store)).fault?.table).toBe(table);
  });

  test("in sums", async () => {
    await run("update sums set total = '1' where name = 'cells'");
    expect((await verifyStore(store)).fault?.table).toBe("cells");
  });
});

describe("RESP-13: a removed row is found", () => {
  const rows = [
    ["evidence", "sequence = 0"],
    ["evidence", "sequence = 2"],
    ["records", "seq = 1"],
    ["records", "seq = 3"],
    ["notices", "seq = (select max(seq) from notices)"],
    ["cells", `key = '"count"'`],
    ["undo", "position = 1"],
    ["cursor", "true"],
    ["commands", "kind = 'collect'"],
    ["outbox", "id = 3"],
    ["transactions", "nonce = 0"],
    ["nonces", "true"],
  ] as const;
  test.each(rows)("from %s where %s", async (table, where) => {
    await run(`delete from ${table} where ${where}`);
    const { fault } = await verifyStore(store);
    // A removed notice shows at the outbox row that it leaves behind.
    expect([table, "outbox"]).toContain(fault?.table);
    expect(fault?.wayOut).not.toBe("");
  });

  test("from sums", async () => {
    await run("delete from sums where name = 'undo'");
    expect((await verifyStore(store)).fault).toMatchObject({ table: "undo" });
  });

  test("from the end of the chain, against a head that was kept elsewhere", async () => {
    const head = await readHead(store);
    await run("delete from evidence where sequence = 4");
    expect((await verifyStore(store)).fault).toBeUndefined();
    expect((await verifyStore(store, head)).fault).toMatchObject({ table: "evidence", sequence: 4 });
  });
});

describe("RESP-13: exchanged rows are found", () => {
  const swaps = [
    ["evidence", "sequence", 1, 2, "evidence"],
    ["records", "seq", 1, 3, "records"],
    ["records", "seq", 2, 5, "records"],
    ["undo", "position", 1, 2, "undo"],
  ] as const;
  test.each(swaps)("in %s by %s", async (table, key, a, b, found) => {
    await run(`update ${table} set ${key} = -1 where ${key} = ${a}`);
    await run(`update ${table} set ${key} = ${a} where ${key} = ${b}`);
    await run(`update ${table} set ${key} = ${b} where ${key} = -1`);
    expect((await verifyStore(store)).fault?.table).toBe(found);
  });

  test("in cells, checksum and all", async () => {
    await run(
      `update cells c set value = o.value, sum = o.sum from cells o where c.key = '"count"' and o.key = '"window/1"'`,
    );
    expect((await verifyStore(store)).fault).toMatchObject({ table: "cells", row: '"count"' });
  });
});

test.each([
  ["rule", "transactions"],
  ["pause", undefined],
] as const)(
  "RESP-13: of a %s that was signed for a second, higher nonce: a rule, which nobody refuses the second time, is a fault",
  async (type, table) => {
    const store = await fixture.empty();
    const pause = action("twice");
    const { id: _, ...facts } = pause;
    const plan = type === "pause" ? pause : identify({ ...facts, type: "guardRule" as const });
    await applyCommits(store, [chainOf().link({ records: [plan as unknown as Action] })], [], []);
    const first = await leaseNonce(store, requestOf(plan.id), sign);
    expect((await verifyStore(store)).fault).toBeUndefined();
    await renewNonce(store, { ...first, chainNonce: 3 }, sign);
    expect((await verifyStore(store)).fault?.table).toBe(table);
    await store.close();
  },
);

test("RESP-13: a fault names its link and the way out", async () => {
  await run("update evidence set body = replace(body, 'block', 'blocc') where sequence = 3");
  expect((await verifyStore(store)).fault).toMatchObject({
    table: "evidence",
    sequence: 3,
    what: expect.stringContaining("Link 3 was altered"),
    wayOut: expect.stringContaining("Links before 3 hold"),
  });
});

test("RESP-13: rewriting a record together with its id is found at its link", async () => {
  const { identify } = await import("@testudo/core/model/Record");
  const { toPlainJson } = await import("@testudo/core/model/plainJson");
  const { finding } = await import("./chain.testkit.ts");
  const { id: _, ...rest } = finding(2000);
  const forged = identify({ ...rest, severity: "low" });
  await run(
    `update records set id = '${forged.id}', about = '${forged.id}', body = '${toPlainJson(forged)}' where seq = 1`,
  );
  expect((await verifyStore(store)).fault).toMatchObject({ table: "records", sequence: 1, row: forged.id });
});
