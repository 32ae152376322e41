import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type StoreOptions } from "./openStore.ts";
import type { Store } from "./Store.ts";

/** Data folders for tests: each a copy of one that was initialised once, which takes seconds. */
export interface StoreFixture {
  readonly folder: () => string;
  readonly open: (options?: StoreOptions) => Promise<Store>;
  readonly remove: () => void;
}

export async function storeFixture(): Promise<StoreFixture> {
  const root = mkdtempSync(join(tmpdir(), "testudo-store-"));
  const template = join(root, "template");
  await (await openStore(template)).close();
  let count = 0;
  const folder = () => {
    const copy = join(root, `data-${count++}`);
    cpSync(template, copy, { recursive: true });
    return copy;
  };
  const remove = () => rmSync(root, { recursive: true, force: true });
  return { folder, open: (options) => openStore(folder(), options), remove };
}
