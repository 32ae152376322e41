import { type FindingView, listFindings } from "./listViews.ts";
import type { Store } from "./Store.ts";

/**
 * The finding `id` as it stands, or what it goes on as: whoever was told of a prediction speaks of what became of it (PRE-01).
 * Undefined where there is none.
 */
export async function findingNow(store: Store, id: string): Promise<FindingView | undefined> {
  const [view] = await listFindings(store, { ids: [id] });
  const next = view?.status?.goesOnAs;
  return next === undefined ? view : findingNow(store, next);
}
