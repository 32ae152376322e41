// What a block took the place of is nearly what the block before it did: a window of sixty slices has one that is new. While a
// watch runs its entries share the rest; read each by itself they take six times as much, for as many blocks as are not final.
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Undo } from "@testudo/core/model/Memory";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { Store } from "./Store.ts";

/** Rows that are read at once; one has a hundred kilobytes and more. */
const pageRows = 256;

/** The undo entries of the store, oldest first, which share what they have in common. */
export async function loadUndo(store: Store): Promise<Undo[]> {
  const all: Undo[] = [];
  const last = new Map<string, Plain>();
  for (let after = -1, isMore = true; isMore; ) {
    const rows = await store.db
      .selectFrom("undo")
      .select(["position", "body"])
      .where("position", ">", after)
      .orderBy("position")
      .limit(pageRows)
      .execute();
    for (const { body } of rows) all.push(shareWith(last, fromPlainJson<Undo>(body)));
    after = rows.at(-1)?.position ?? after;
    isMore = rows.length === pageRows;
  }
  return all;
}

function shareWith(last: Map<string, Plain>, { ref, before }: Undo): Undo {
  return {
    ref,
    before: before.map(([key, value]) => {
      // JSON has no undefined: what did not exist is written as null, which no cell is.
      if (value === undefined || value === null) return [key, undefined];
      const shared = shareParts(last.get(key), value);
      last.set(key, shared);
      return [key, shared];
    }),
  };
}

/** `value` with those of its parts that stand in `earlier` too in place of its own. */
export function shareParts(earlier: Plain | undefined, value: Plain): Plain {
  if (isEqual(earlier, value)) return earlier as Plain;
  if (!Array.isArray(earlier) || !Array.isArray(value)) return value;
  const known = new Map((earlier as readonly Plain[]).map((part) => [nameOf(part), part]));
  return (value as readonly Plain[]).map((part) => {
    const same = known.get(nameOf(part));
    return isEqual(same, part) ? (same as Plain) : part;
  });
}

// Of a slice its start, of what is kept of an account its address: enough to find it again among the others.
function nameOf(part: Plain): Plain {
  return Array.isArray(part) ? (part[0] as Plain) : part;
}

function isEqual(a: Plain | undefined, b: Plain | undefined): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((part, i) => isEqual(part as Plain, b[i] as Plain));
}
