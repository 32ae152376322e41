import { lookBack, pageSize } from "./lookBack.ts";
import type { ServerClient } from "./serverClient.ts";

type List = "findings" | "incidents";

/** A page of what the server has of `what`, newest first, before `beforeSeq`. */
export async function fetchPage<T>(server: ServerClient, what: List, beforeSeq: number | undefined, more = "") {
  const before = beforeSeq === undefined ? "" : `&before=${beforeSeq}`;
  const page = (await server.get(`/${what}?limit=${pageSize}${more}${before}`)) as { readonly [key: string]: unknown };
  return page[what] as readonly (T & { readonly seq: number })[];
}

/** All that the server has of `what`, newest first, page by page. */
export function fetchAll<T>(server: ServerClient, what: List): Promise<readonly T[]> {
  return lookBack(
    (beforeSeq) => fetchPage<T>(server, what, beforeSeq),
    () => false,
  );
}
