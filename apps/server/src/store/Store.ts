import type { Kysely } from "kysely";
import type { Tables } from "./Tables.ts";

/**
 * Where everything that was seen, decided and done is kept. The verbs of this folder take it as their first argument;
 * an implementation has to give a database of PostgreSQL's dialect with the tables of `migrations.ts`, and nothing else.
 */
export interface Store {
  readonly db: Kysely<Tables>;
  /** Unix milliseconds, for bookkeeping columns only; nothing that is judged or hashed depends on it. */
  now(): number;
  /** Cleans up what an embedded database does not clean by itself. Blocks the database for some ten milliseconds. */
  tidy(): Promise<void>;
  /** Resolves when what was committed withstands a power cut too; a commit by itself withstands the end of the process. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
