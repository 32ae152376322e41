import type { ServerClient } from "./serverClient.ts";

const pageSize = 500;

/** All that the server has of `what`, newest first, page by page. */
export async function fetchAll<T>(server: ServerClient, what: "findings" | "incidents"): Promise<readonly T[]> {
  const all: (T & { readonly seq: number })[] = [];
  for (;;) {
    const before = all.at(-1)?.seq;
    const query = `limit=${pageSize}${before === undefined ? "" : `&before=${before}`}`;
    const page = ((await server.get(`/${what}?${query}`)) as { [key: string]: (T & { seq: number })[] })[what]!;
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}
