import type { ViewFilter } from "../store/listViews.ts";

/** What a list's query asks the store for. */
export function filterOf(query: {
  limit: number;
  before?: number | undefined;
  state?: string[] | undefined;
}): ViewFilter {
  const { limit, before, state } = query;
  return {
    limit,
    ...(before === undefined ? {} : { beforeSeq: before }),
    ...(state === undefined ? {} : { states: state }),
  };
}
