import { type FindingView, listFindings, type ViewFilter } from "./listViews.ts";
import type { Store } from "./Store.ts";

const pageSize = 500;

/** All findings that `filter` lets through, newest first, 500 at a time. */
export async function* eachPage(store: Store, filter: Omit<ViewFilter, "limit">): AsyncIterable<FindingView[]> {
  for (let beforeSeq = filter.beforeSeq; ; ) {
    const page = await listFindings(store, {
      ...filter,
      limit: pageSize,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    beforeSeq = page.at(-1)!.seq;
  }
}
