/**
 * At most `most` of `items`, which stand in the order of `placeOf`, in that order: the range of places is cut into `parts`
 * equal ones that take turns, each giving its newest first. Whoever crowds one part takes no place from the others.
 */
export function spreadOver<T>(items: readonly T[], placeOf: (item: T) => bigint, parts: number, most: number): T[] {
  if (items.length <= most) return [...items];
  const first = placeOf(items[0]!);
  const width = placeOf(items.at(-1)!) - first + 1n;
  const waiting: number[][] = Array.from({ length: parts }, () => []);
  for (const [i, item] of items.entries()) waiting[Number(((placeOf(item) - first) * BigInt(parts)) / width)]!.push(i);
  const taken = new Set<number>();
  while (taken.size < most)
    for (const part of waiting) {
      const next = taken.size < most ? part.pop() : undefined;
      if (next !== undefined) taken.add(next);
    }
  return items.filter((_, i) => taken.has(i));
}
