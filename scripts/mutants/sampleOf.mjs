// A choice that is the same for the same seed.
import { createHash } from "node:crypto";

const kinds = ["access", "limit", "other"];

/**
 * At most `count` of each module's mutants: in turn one on a line that asks who calls, one on a line that refuses a limit,
 * and one of the rest, each by `seed`. The choice for a smaller `count` is part of that for a larger one.
 */
export function sampleOf(mutants, count, seed) {
  const modules = [...new Set(mutants.map(({ module }) => module))];
  return modules.flatMap((name) => {
    const own = mutants.filter(({ module }) => module === name).sort(byLot(seed));
    return inTurn(kinds.map((kind) => own.filter(({ guards }) => guards === kind))).slice(0, count);
  });
}

function inTurn(lists) {
  const longest = Math.max(...lists.map(({ length }) => length));
  const rounds = Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1)));
  return rounds.flat();
}

function byLot(seed) {
  const lot = ({ id }) => createHash("sha256").update(`${seed}\0${id}`).digest("hex");
  return (a, b) => (lot(a) < lot(b) ? -1 : 1);
}
