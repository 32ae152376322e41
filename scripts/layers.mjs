// Checks who imports whom (type imports count) against layers.json, and that no files import each other in a circle.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { root } from "./install.mjs";

/** Faults of a tree: one line each, empty when it keeps to the layers. */
export function checkLayers(folder, layers) {
  const files = sourcesOf(folder, layers);
  const faults = [];
  const edges = new Map();
  for (const file of files) {
    const found = importsOf(join(folder, file));
    edges.set(
      file,
      found
        .filter((target) => target.startsWith("."))
        .map((target) => relative(folder, resolve(dirname(join(folder, file)), target))),
    );
    for (const target of found) faults.push(...faultsOf(file, target, layers, folder));
  }
  return [...faults, ...circlesOf(edges)];
}

function sourcesOf(folder, layers) {
  return Object.values(layers.members)
    .flatMap((member) => listFiles(join(folder, member.folder, "src")))
    .map((file) => relative(folder, file))
    .sort();
}

function listFiles(folder) {
  return walk(folder).filter((file) => /\.tsx?$/.test(file));
}

function walk(folder) {
  return readdir(folder).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function importsOf(file) {
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const fixed = [...module.staticImports, ...module.staticExports.flatMap((e) => e.entries)].flatMap(
    (i) => i.moduleRequest?.value ?? [],
  );
  const text = readFileSync(file, "utf8");
  // import("x") as a value or a type, with a literal.
  const dynamic = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(([, target]) => target);
  return [...new Set([...fixed, ...dynamic])];
}

function faultsOf(file, target, layers, folder) {
  const from = memberOf(file, layers);
  if (target.startsWith(".")) {
    const to = relative(folder, resolve(dirname(join(folder, file)), target));
    if (memberOf(to, layers) !== from) return [`${file} reaches into ${to}: import the package instead`];
    return [...insideFaults(file, to, from, layers), ...siblingFaults(file, to, from, layers)];
  }
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
  if (name in layers.members) {
    if (!layers.members[from].may.includes(name)) return [`${file} imports ${target}: ${from} may not know ${name}`];
    const inside = join(layers.members[name].folder, "src", target.slice(name.length));
    return siblingFaults(file, inside, name, layers, target);
  }
  const allowed = layers.packagesOf[from];
  if (allowed && !isTest(file) && !allowed.includes(name))
    return [`${file} imports ${target}: ${from} uses only ${allowed.join(", ")}`];
  return [];
}

function insideFaults(file, to, member, layers) {
  const rules = layers.inside[member];
  if (!rules || (isTest(file) && layers.freeTests.includes(member))) return [];
  const [a, b] = [file, to].map((path) => partOf(path, member, layers));
  if (a === b || rules[a]?.includes(b)) return [];
  return [`${file} imports ${to}: ${a} may not know ${b}`];
}

// The files of `rule.folder` do not know each other; the parts of one, in a sub-folder, are known to that one only.
function siblingFaults(file, to, member, layers, target = to) {
  const rule = layers.noSiblings[member];
  if (!rule || /\.(test|testkit|bench)\.ts$/.test(file)) return [];
  const [from, wanted] = [file, to].map((path) => siblingOf(path, member, layers));
  if (!wanted || from?.name === wanted.name) return [];
  if (wanted.isPart) return [`${file} imports ${target}: only ${wanted.name} may know its parts`];
  if (!from || (!from.isPart && rule.except.includes(from.name))) return [];
  return [`${file} imports ${target}: ${rule.folder} do not import each other`];
}

// `detectors/detectX.ts` is the sibling `x`, and so are its parts in `detectors/x/`; `detectors/invariant.ts` is `invariant`.
function siblingOf(path, member, layers) {
  const { folder, verb } = layers.noSiblings[member];
  const home = join(layers.members[member].folder, "src", folder) + sep;
  if (!path.startsWith(home)) return undefined;
  const [first, ...rest] = path.slice(home.length).split(sep);
  const stem = stemOf(first);
  const noun = stem.startsWith(verb) ? stem.slice(verb.length) : stem;
  return { name: noun.charAt(0).toLowerCase() + noun.slice(1), isPart: rest.length > 0 };
}

// `pipeline.ts` belongs to the part `pipeline`.
function partOf(path, member, layers) {
  return stemOf(path.slice(join(layers.members[member].folder, "src").length + 1).split(sep)[0]);
}

function stemOf(name) {
  return name.replace(/(\.(test|testkit|suite|bench))?\.ts$/, "");
}

function isTest(file) {
  return /\.(test|testkit|suite|bench)\.ts$/.test(file);
}

function memberOf(file, layers) {
  return Object.entries(layers.members).find(([, member]) => file.startsWith(member.folder + sep))?.[0];
}

function circlesOf(edges) {
  const state = new Map();
  const faults = [];
  const visit = (file, path) => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      faults.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
      return;
    }
    state.set(file, "open");
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  };
  for (const file of edges.keys()) visit(file, []);
  return faults;
}

function readdir(folder) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const layers = JSON.parse(readFileSync(join(root, "layers.json"), "utf8"));
  const faults = checkLayers(root, layers);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exit(1);
  process.stdout.write("layers hold\n");
}
