// Kysely on PGlite. PGlite is one session, so the driver hands out one connection at a time: a transaction holds it
// until it ends, and everything else waits. That is why nothing slow may run inside a transaction.
import type { PGlite } from "@electric-sql/pglite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";

/** A Kysely dialect over an open PGlite; destroying the Kysely instance closes it. */
export function pgliteDialect(client: PGlite): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => pgliteDriver(client),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function pgliteDriver(client: PGlite): Driver {
  const turns = queueOfTurns();
  const connection: DatabaseConnection = {
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      const { rows, affectedRows } = await client.query<R>(query.sql, [...query.parameters]);
      return { rows, numAffectedRows: BigInt(affectedRows ?? 0) };
    },
    // Pages are read by key instead: a cursor would hold the only session.
    streamQuery: () => {
      throw new Error("PGlite cannot stream a query.\n- Read pages by key.");
    },
  };
  const run = (sql: string) => async (): Promise<void> => void (await client.query(sql));
  return {
    init: async () => {},
    acquireConnection: async () => {
      await turns.take();
      return connection;
    },
    releaseConnection: async () => turns.give(),
    beginTransaction: run("begin"),
    commitTransaction: run("commit"),
    rollbackTransaction: run("rollback"),
    destroy: () => client.close(),
  };
}

/** First come, first served; the second taker waits until the first gives back. */
function queueOfTurns(): { take(): Promise<void>; give(): void } {
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    take() {
      if (taken) return new Promise((resolve) => waiting.push(resolve));
      taken = true;
      return Promise.resolve();
    },
    give() {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
  };
}
