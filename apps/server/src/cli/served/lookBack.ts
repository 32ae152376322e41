/** As many as a server gives at once. */
export const pageSize = 500;

/**
 * What `list` has, newest first, page by page until `isFound` of all so far, or the end: what is newer than the thing that is looked
 * for may be a flood that somebody made to bury it.
 */
export async function lookBack<T extends { readonly seq: number }>(
  list: (beforeSeq: number | undefined) => Promise<readonly T[]>,
  isFound: (all: readonly T[]) => boolean,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const page = await list(all.at(-1)?.seq);
    all.push(...page);
    if (page.length < pageSize || isFound(all)) return all;
  }
}
