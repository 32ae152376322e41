import { pushTo } from "./pushTo.ts";

/** `items` by what `keyOf` says of each, in their order; those of which it says nothing are left out. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    pushTo(groups, key, item);
  }
  return groups;
}
