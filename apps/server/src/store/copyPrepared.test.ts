import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { copyPrepared, preparedFolder } from "./copyPrepared.ts";
import { schemaDigest } from "./migrations.ts";
import { openStore } from "./openStore.ts";
import { prepareDatabase } from "./prepareDatabase.ts";

const root = mkdtempSync(join(tmpdir(), "testudo-prepared-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("behavior: a first start copies what the build left, for the owner alone, and tells its own day", async () => {
  expect(existsSync(preparedFolder), "the build leaves it there").toBe(true);
  const folder = join(root, "copied");
  const store = await openStore(folder, { now: () => 1_700_000_000_000 });
  const created = await store.db.selectFrom("meta").select("value").where("key", "=", "created").execute();
  expect(created).toEqual([{ value: "2023-11-14T22:13:20.000Z" }]);
  const databases = await sql`select datname from pg_database`.execute(store.db);
  expect(databases.rows).toHaveLength(1);
  await store.close();
  const entries = readdirSync(join(folder, "db"), { recursive: true, withFileTypes: true });
  expect(entries.length).toBeGreaterThan(300);
  expect([folder, join(folder, "db")].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
});

test("behavior: the build's database takes the place of older ones, is written by nobody else, and is made once", async () => {
  const parent = join(root, "database");
  const prepared = join(parent, "new");
  mkdirSync(join(parent, "old"), { recursive: true });
  await prepareDatabase(prepared);
  expect(readdirSync(parent)).toEqual(["new"]);
  const entries = readdirSync(prepared, { recursive: true, withFileTypes: true });
  const modes = entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o777);
  expect([...new Set(modes)].sort()).toEqual([0o644, 0o755]);
  const born = statSync(prepared).birthtimeMs;
  await prepareDatabase(prepared);
  expect(statSync(prepared).birthtimeMs).toBe(born);
});

test("behavior: the name holds the version of the database and of the schema", () => {
  expect(preparedFolder).toMatch(new RegExp(`/dist/database/\\d+\\.\\d+\\.\\d+-${schemaDigest}$`));
});

test("behavior: what is not prepared is not copied", () => {
  expect(copyPrepared(join(root, "absent"), join(root, "none"))).toBe(false);
  expect(existsSync(join(root, "none"))).toBe(false);
});

test("error: a copy that is cut short leaves nothing, and one that was killed is begun anew", () => {
  const broken = join(root, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "a"), "first");
  symlinkSync(join(root, "gone"), join(broken, "b"));
  const path = join(root, "half");
  expect(() => copyPrepared(broken, path)).toThrow("ENOENT");
  expect(readdirSync(root).filter((name) => name.startsWith("half"))).toEqual([]);

  mkdirSync(`${path}.partial`);
  writeFileSync(join(`${path}.partial`, "rubbish"), "of a start that was killed");
  // Not rmSync: that of Node 24 leaves a link which leads nowhere.
  unlinkSync(join(broken, "b"));
  expect(copyPrepared(broken, path)).toBe(true);
  expect(readdirSync(path)).toEqual(["a"]);
});
