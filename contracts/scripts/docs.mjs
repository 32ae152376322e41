// Writes docs/modules/ from the NatSpec of the contracts: `npm run docs`. With --check it writes nothing and fails when a
// page is not what the NatSpec gives.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageDir } from "./forge.mjs";
import { modulePages } from "./modulePages.mjs";
import { readNatSpec } from "./natSpec.mjs";

/** Names of the pages of `folder` that differ from `pages`, lack or are too many. */
export function stalePages(folder, pages) {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const differs = (name) => !there.includes(name) || readFileSync(join(folder, name), "utf8") !== pages.get(name);
  return [...[...pages.keys()].filter(differs), ...there.filter((name) => !pages.has(name))].sort();
}

function write(folder, pages) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
}

function run(isCheck) {
  const folder = resolve(packageDir, "../docs/modules");
  const pages = modulePages(readNatSpec());
  const stale = stalePages(folder, pages);
  if (!isCheck) write(folder, pages);
  const what = stale.map((name) => `docs/modules/${name}`).join(", ");
  if (isCheck && stale.length > 0) {
    process.stderr.write(`Not what the NatSpec gives: ${what}.\n- Run npm run docs and commit what it writes.\n`);
    process.exitCode = 1;
  } else console.log(isCheck ? "module pages are up to date" : `${pages.size} pages, changed: ${what || "none"}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) run(process.argv.includes("--check"));
