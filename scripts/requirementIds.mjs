// Fails when a test cites a requirement that docs/requirements/ does not explain, or when a document there names a test
// that is not there: `node scripts/requirementIds.mjs`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { root } from "./install.mjs";

const folders = ["packages", "apps", "examples", "scripts", "bench", "contracts"];
const skipped = new Set(["node_modules", "dist", "out", "cache", ".cache"]);
const idPattern = /\b[A-Z]+-\d+\b/g;
// Names of published standards look like ids and are none.
const standards = /^(?:ERC|EIP|RFC|SHA|UTF|ISO)-/;
// `- **ID** …`, `- ID, ID: …` or `| ID (part) | …`: what follows has to say something.
const explanation = /^(?:- |\| )\**((?:[A-Z]+-\d+(?:, )?)+)\**(?: \([^)]*\))?\**(?::| \||\s)(.{20,})$/;
const runners = new Set(["test", "it", "describe", "bench"]);

/** Faults of a tree, one text each: an id without explanation, or a test that a document names and nobody wrote. */
export function checkRequirementIds(folder) {
  const names = testNamesOf(folder);
  const documents = documentsOf(folder);
  const explained = new Set(documents.flatMap(({ text }) => explainedIn(text)));
  return [...unexplained(names, explained), ...documents.flatMap((document) => missingTests(document, names))];
}

/** Every test's name with the file that it stands in; of Solidity the function's, its id with a hyphen. */
export function testNamesOf(folder) {
  const files = folders.flatMap((part) => walk(join(folder, part)));
  return files.flatMap((file) => namesIn(file).map((name) => ({ file: relative(folder, file), name })));
}

function unexplained(names, explained) {
  const missing = new Map();
  for (const { file, name } of names)
    for (const id of name.match(idPattern) ?? [])
      if (!standards.test(id) && !explained.has(id)) missing.set(id, [...(missing.get(id) ?? []), `${file}: ${name}`]);
  return [...missing].map(
    ([id, tests]) =>
      `${id} is explained nowhere in docs/requirements/.\n- Cited by ${tests.length} test(s), first ${tests[0]}\n` +
      `- Add a line "| ${id} | what has to hold | covering tests |", or correct the test's name.`,
  );
}

// Only what begins with an id is taken for a test's name; `…` stands for whatever was left out.
function missingTests({ file, text }, names) {
  const quoted = [...text.matchAll(/`([A-Z]+-\d+[^`]*: [^`]+)`/g)].map(([, name]) => name);
  const absent = quoted.filter((name) => !names.some((test) => patternOf(name).test(test.name)));
  return absent.map(
    (name) =>
      `${file} names a test that is not there: "${name}".\n- A quoted name is a test's whole name, with … for parts left out.\n- Correct the name.`,
  );
}

function patternOf(name) {
  const parts = name.split("…").map((part) => part.trim().replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

function explainedIn(text) {
  return text.split("\n").flatMap((line) => line.match(explanation)?.[1].split(", ") ?? []);
}

function documentsOf(folder) {
  const place = join(folder, "docs", "requirements");
  const names = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith(".md")) : [];
  return names.map((name) => ({ file: `docs/requirements/${name}`, text: readFileSync(join(place, name), "utf8") }));
}

function namesIn(file) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".t.sol"))
    return [...text.matchAll(/\bfunction (?:test|invariant)_(?:fuzz_)?(\w+)/g)].map(([, name]) =>
      name.replace(/\b([A-Z]+)_(\d+)_/, "$1-$2: "),
    );
  return runnerNames(parseSync(file, text).program);
}

/** First arguments of `test("…")`, `test.skipIf(…)("…")`, `describe.each(…)("…")` and the like. */
function runnerNames(node) {
  if (Array.isArray(node)) return node.flatMap(runnerNames);
  if (node === null || typeof node !== "object") return [];
  const inner = Object.values(node).flatMap(runnerNames);
  if (node.type !== "CallExpression" || !runners.has(rootOf(node.callee))) return inner;
  const [first] = node.arguments;
  if (first?.type === "Literal" && typeof first.value === "string") return [first.value, ...inner];
  if (first?.type === "TemplateLiteral") return [first.quasis.map((part) => part.value.cooked).join("…"), ...inner];
  return inner;
}

// `test.each(cases)` is a call on a member of `test`.
function rootOf(callee) {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type === "MemberExpression") return rootOf(callee.object);
  if (callee.type === "CallExpression" || callee.type === "TaggedTemplateExpression")
    return rootOf(callee.callee ?? callee.tag);
  return undefined;
}

function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(join(folder, entry.name));
    return /\.(?:(?:test|testkit|suite|bench)\.tsx?|t\.sol)$/.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const faults = checkRequirementIds(root);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exit(1);
  process.stdout.write("every requirement that a test cites is explained\n");
}
