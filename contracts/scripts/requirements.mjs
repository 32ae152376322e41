// Fails when a requirement of the contracts is cited in no test name, or a test cites one that is not there:
// `node contracts/scripts/requirements.mjs`. A document of docs/requirements/ is about the contracts when it defines
// requirements as list items in bold, which those about the programs do in tables.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageDir } from "./forge.mjs";

const documents = resolve(packageDir, "../docs/requirements");

/** Ids that the documents define: those that begin a list item in bold. */
function definedIds() {
  const texts = readdirSync(documents)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => readFileSync(join(documents, name), "utf8"));
  return texts.flatMap((text) => [...text.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, id]) => id));
}

/** Test names by the id they cite: `test_fuzz_BREAKER_04_overlapIsPaidOnce` cites BREAKER-04. */
function testsById() {
  const byId = new Map();
  for (const entry of readdirSync(join(packageDir, "test"), { recursive: true })) {
    if (!entry.endsWith(".t.sol")) continue;
    const source = readFileSync(join(packageDir, "test", entry), "utf8");
    for (const [name, family, number] of source.matchAll(/\b(?:test|invariant)_(?:fuzz_)?([A-Z]+)_(\d+)_\w+(?=\()/g)) {
      const id = `${family}-${number}`;
      byId.set(id, [...(byId.get(id) ?? []), name]);
    }
  }
  return byId;
}

const defined = definedIds();
const tests = testsById();
const untested = defined.filter((id) => !tests.has(id));
const unknown = [...tests.keys()].filter((id) => !defined.includes(id));
const twice = defined.filter((id, i) => defined.indexOf(id) !== i);
for (const id of defined) console.log(`${id.padEnd(12)} ${tests.get(id)?.length ?? 0} tests`);
if (defined.length === 0)
  console.error(`No requirement found in ${documents}.\n- Each begins a list item: "- **BREAKER-01** …".`);
for (const id of untested)
  console.error(`${id} is cited in no test name.\n- Write test_${id.replace("-", "_")}_… or invariant_….`);
for (const id of unknown)
  console.error(`A test cites ${id}, which is not defined.\n- Define it in a document of docs/requirements/.`);
for (const id of twice) console.error(`${id} is defined twice.\n- Keep one.`);
process.exitCode = defined.length === 0 || untested.length + unknown.length + twice.length > 0 ? 1 : 0;
