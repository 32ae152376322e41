// Which test files tell whether a source still does what it should: those that reach it through their imports.
import { dirname, join } from "node:path";

const most = 4;
const kinds = ["unit", "invariant"];

/**
 * The test files that are about `file`, in the order in which they are run: `[[unit tests nearest by imports], [unit tests
 * one import further, invariant tests nearest]]`, at most four of each kind. `texts` holds every source and test by its
 * path. A test of the source's own name stands for all that are as near.
 */
export function testsOf(file, texts) {
  const reached = distancesTo(file, texts);
  const [units, invariants] = kinds.map((kind) => nearest(reached, `contracts/test/${kind}/`));
  const first = upTo(units, units[0]?.distance ?? 0);
  const own = first.filter(({ path }) => nameOf(path) === nameOf(file));
  const begin = (own.length > 0 ? own : first.slice(0, most)).map(({ path }) => path);
  const further = upTo(units, (units[0]?.distance ?? 0) + 1).filter(({ path }) => !begin.includes(path));
  const then = [...further.slice(0, most), ...upTo(invariants, invariants[0]?.distance ?? 0).slice(0, most)];
  return [begin, then.map(({ path }) => path)].filter((stage) => stage.length > 0);
}

/** Paths of the imports that `text`, which lies at `path`, names relatively. */
export function importsOf(path, text) {
  const named = text.matchAll(/^\s*import\s+(?:[^"';]*\sfrom\s+)?["'](\.[^"']+)["']/gm);
  return [...named].map(([, target]) => join(dirname(path), target));
}

// How many imports lie between each file and `file`, by a walk backwards.
function distancesTo(file, texts) {
  const importers = new Map();
  for (const [path, text] of texts)
    for (const target of importsOf(path, text)) importers.set(target, [...(importers.get(target) ?? []), path]);
  const distances = new Map([[file, 0]]);
  const queue = [file];
  for (const path of queue)
    for (const importer of importers.get(path) ?? [])
      if (!distances.has(importer)) {
        distances.set(importer, distances.get(path) + 1);
        queue.push(importer);
      }
  return distances;
}

function nearest(distances, folder) {
  return [...distances]
    .filter(([path]) => path.startsWith(folder) && path.endsWith(".t.sol"))
    .map(([path, distance]) => ({ path, distance }))
    .sort((a, b) => a.distance - b.distance || (a.path < b.path ? -1 : 1));
}

function upTo(tests, distance) {
  return tests.filter((test) => test.distance <= distance);
}

function nameOf(path) {
  return path.replace(/^.*\/|(\.t)?\.sol$/g, "");
}
