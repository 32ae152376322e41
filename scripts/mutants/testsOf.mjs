// Which test files tell whether a source still does what it should: those that reach it through their imports.
import { dirname, join } from "node:path";

const most = 4;
const mostFurther = 8;

/**
 * How `file` is tested, stage after stage, each `{ paths, linked, fuzzRuns, invariantRuns }`: the unit tests nearest to it
 * by imports with few runs, which notice most; then those with more, the unit tests that have the name of a source which
 * uses it, then those one import further (eight of both at most), and the nearest differential and invariant tests (four
 * of each at most); then the first again as they are linked when they are run for themselves. `texts` holds every source and test by its path. A unit test of the source's own name stands
 * for the nearest, wherever it is.
 */
export function stagesOf(file, texts) {
  const reached = distancesTo(file, texts);
  const [units, others, invariants] = ["unit", "differential", "invariant"].map((kind) =>
    nearest(reached, `contracts/test/${kind}/`),
  );
  const first = upTo(units, units[0]?.distance ?? 0);
  const own = units.filter(({ path }) => nameOf(path) === nameOf(file));
  const begin = own.length > 0 ? own : first.slice(0, most);
  const users = new Set([...reached].flatMap(([path, distance]) => (isUser(path, distance) ? [nameOf(path)] : [])));
  const named = units.filter(({ path }) => users.has(nameOf(path)));
  const further = [...new Set([...named, ...upTo(units, (units[0]?.distance ?? 0) + 1)])].filter(
    (test) => !begin.includes(test),
  );
  const equal = [others, invariants].flatMap((tests) => upTo(tests, tests[0]?.distance ?? 0).slice(0, most));
  return [
    { paths: pathsOf(begin), linked: false, fuzzRuns: 16, invariantRuns: 1 },
    {
      paths: pathsOf([...begin, ...further.slice(0, mostFurther), ...equal]),
      linked: false,
      fuzzRuns: 64,
      invariantRuns: 4,
    },
    { paths: pathsOf(begin), linked: true, fuzzRuns: 16, invariantRuns: 1 },
  ].filter(({ paths }) => paths.length > 0);
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

// A library is tested by the tests of the modules that are made of it.
function isUser(path, distance) {
  return path.startsWith("contracts/src/") && distance > 0 && distance <= 2;
}

function upTo(tests, distance) {
  return tests.filter((test) => test.distance <= distance);
}

function pathsOf(tests) {
  return tests.map(({ path }) => path);
}

function nameOf(path) {
  return path.replace(/^.*\/|(\.t)?\.sol$/g, "");
}
