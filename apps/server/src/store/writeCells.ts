import type { Plain } from "@testudo/core/model/canonicalJson";
import { toPlainJson } from "@testudo/core/model/plainJson";
import type { Transaction } from "kysely";
import { type SumChange, sumOf } from "./checksums.ts";
import { chunksOf } from "./chunksOf.ts";
import type { Tables } from "./Tables.ts";

/** Writes the last value of each cell; `undefined` removes it. */
export async function writeCells(
  trx: Transaction<Tables>,
  sums: SumChange,
  cells: readonly (readonly [key: string, value: Plain | undefined])[],
): Promise<void> {
  const last = new Map(cells.map(([key, value]) => [JSON.stringify(key), value]));
  for (const chunk of chunksOf([...last])) {
    const keys = chunk.map(([key]) => key);
    const before = await trx.selectFrom("cells").select("sum").where("key", "in", keys).execute();
    sums.remove(
      "cells",
      before.map((row) => row.sum),
    );
    await upsert(trx, sums, chunk);
    const gone = chunk.filter(([, value]) => value === undefined).map(([key]) => key);
    if (gone.length > 0) await trx.deleteFrom("cells").where("key", "in", gone).execute();
  }
}

async function upsert(
  trx: Transaction<Tables>,
  sums: SumChange,
  chunk: readonly [string, Plain | undefined][],
): Promise<void> {
  const rows = chunk
    .filter(([, value]) => value !== undefined)
    .map(([key, plain]) => {
      const value = toPlainJson(plain);
      return { key, value, sum: sumOf(key, value) };
    });
  if (rows.length === 0) return;
  sums.add(
    "cells",
    rows.map((row) => row.sum),
  );
  await trx
    .insertInto("cells")
    .values(rows)
    .onConflict((c) =>
      c.column("key").doUpdateSet((e) => ({ value: e.ref("excluded.value"), sum: e.ref("excluded.sum") })),
    )
    .execute();
}
