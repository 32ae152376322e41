// A choice that is the same for the same seed.
import { createHash } from "node:crypto";

const rank = { access: 0, limit: 1, other: 2 };

/**
 * At most `count` of each module's mutants, access lines first, then limits, then the rest; within these by `seed`. The
 * choice for a smaller `count` is part of that for a larger one, and a mutant's place does not hang on the others.
 */
export function sampleOf(mutants, count, seed) {
  const modules = [...new Set(mutants.map(({ module }) => module))];
  return modules.flatMap((name) =>
    mutants
      .filter(({ module }) => module === name)
      .sort(byRank(seed))
      .slice(0, count),
  );
}

function byRank(seed) {
  const lot = ({ id }) => createHash("sha256").update(`${seed}\0${id}`).digest("hex");
  return (a, b) => rank[a.guards] - rank[b.guards] || (lot(a) < lot(b) ? -1 : 1);
}
