import type { Store } from "./Store.ts";

const key = "probe";
const limitMs = 5_000;

/** Writes a row that nobody reads. Undefined when the store took it, else why not: it refuses, or takes too long. */
export async function probeStore(store: Store): Promise<string | undefined> {
  const value = `${store.now()}`;
  const write = store.db
    .insertInto("meta")
    .values({ key, value })
    .onConflict((c) => c.column("key").doUpdateSet({ value }))
    .execute()
    .then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${limitMs} ms`), limitMs);
  });
  try {
    return await Promise.race([write, late]);
  } finally {
    clearTimeout(timer);
  }
}
