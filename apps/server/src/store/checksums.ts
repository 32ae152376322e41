// Tables that the chain of evidence does not cover carry a checksum per row and a sum over all rows, kept in the same
// transaction. It finds damage and edits by hand; only the chain's head, kept elsewhere, withstands someone who
// rewrites everything.
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import type { Tables } from "./Tables.ts";

export type SummedTable = "notices" | "cells" | "undo" | "cursor" | "commands" | "outbox" | "transactions";

/** SHA-256 of the fixed columns of a row, in order, as lower-case hexadecimal. */
export function sumOf(...columns: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(columns)).digest("hex");
}

/** Collects the rows that one transaction adds and removes per table. */
export interface SumChange {
  add(table: SummedTable, sums: readonly string[]): void;
  remove(table: SummedTable, sums: readonly string[]): void;
  /** Writes the changed totals. */
  write(trx: Transaction<Tables>): Promise<void>;
}

const modulus = 1n << 256n;

export function openSumChange(): SumChange {
  const changes = new Map<SummedTable, { rows: number; total: bigint }>();
  const change = (table: SummedTable, sums: readonly string[], sign: 1 | -1) => {
    if (sums.length === 0) return;
    const entry = changes.get(table) ?? { rows: 0, total: 0n };
    entry.rows += sign * sums.length;
    for (const sum of sums) entry.total += BigInt(sign) * BigInt(`0x${sum}`);
    changes.set(table, entry);
  };
  return {
    add: (table, sums) => change(table, sums, 1),
    remove: (table, sums) => change(table, sums, -1),
    async write(trx) {
      if (changes.size === 0) return;
      const rows = await trx
        .selectFrom("sums")
        .selectAll()
        .where("name", "in", [...changes.keys()])
        .forUpdate()
        .execute();
      const values = rows.map((row) => {
        const { rows: added, total } = changes.get(row.name as SummedTable)!;
        return { name: row.name, rows: row.rows + added, total: addSum(BigInt(row.total), total).toString() };
      });
      await trx
        .insertInto("sums")
        .values(values)
        .onConflict((c) =>
          c.column("name").doUpdateSet((e) => ({ rows: e.ref("excluded.rows"), total: e.ref("excluded.total") })),
        )
        .execute();
    },
  };
}

/** Adds modulo 2^256; `b` may be negative. */
export function addSum(a: bigint, b: bigint): bigint {
  return (((a + b) % modulus) + modulus) % modulus;
}
