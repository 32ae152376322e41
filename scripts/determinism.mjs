// Fails when core takes clock, randomness, network or a timer from the global: `node scripts/determinism.mjs` (DET-01).
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { root } from "./install.mjs";

const sources = join("packages", "core", "src");
const members = { Date: ["now"], Math: ["random"], performance: undefined, crypto: undefined, process: undefined };
const names = new Set(["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "globalThis"]);

/** Faults of a tree, one line each: where its core is not the same function in each run. Tests may do as they like. */
export function checkDeterminism(folder) {
  return readdirSync(join(folder, sources), { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file.endsWith(".ts") && !/\.(test|testkit|suite|bench)\.ts$/.test(file))
    .sort()
    .flatMap((file) => faultsIn(relative(folder, file), readFileSync(file, "utf8")));
}

function faultsIn(file, text) {
  const line = (at) => text.slice(0, at).split("\n").length;
  return takingsIn(parseSync(file, text).program).map(
    ({ call, start }) => `${file}:${line(start)} takes ${call}: core is handed what it needs`,
  );
}

function takingsIn(node) {
  if (Array.isArray(node)) return node.flatMap(takingsIn);
  if (node === null || typeof node !== "object") return [];
  const call = takingOf(node);
  return [...(call === undefined ? [] : [{ call, start: node.start }]), ...Object.values(node).flatMap(takingsIn)];
}

function takingOf(node) {
  if (node.type === "MemberExpression") {
    const name = node.computed ? node.property.value : node.property.name;
    if (names.has(node.object.name)) return `${node.object.name}.${name}`;
    if (!Object.hasOwn(members, node.object.name)) return undefined;
    const refused = members[node.object.name];
    return refused === undefined || refused.includes(name) ? `${node.object.name}.${name}` : undefined;
  }
  if (node.type === "NewExpression" && node.callee.name === "Date" && node.arguments.length === 0) return "new Date()";
  if (node.type !== "CallExpression") return undefined;
  if (node.callee.name === "Date") return "Date()";
  return names.has(node.callee.name) ? node.callee.name : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const faults = checkDeterminism(root);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exit(1);
  process.stdout.write("core takes nothing that differs from run to run\n");
}
