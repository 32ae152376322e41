import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { functionNames, mutantsOf } from "./mutantsOf.mjs";

const passedOver = /^contracts\/src\/(mocks|interfaces|reference\/naive)\//;

/** Every source and test of the contracts, by its path below the root. */
export function readSources() {
  const paths = ["contracts/src", "contracts/test"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`),
  );
  const sources = paths.filter((path) => path.endsWith(".sol")).sort();
  return new Map(sources.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** All mutants of the modules and libraries; mocks, interfaces and what is there to be attacked are left out. */
export function allMutants(texts) {
  const names = functionNames([...texts.values()]);
  const files = [...texts.keys()].filter((path) => path.startsWith("contracts/src/") && !passedOver.test(path));
  return files.flatMap((file) => mutantsOf(file, texts.get(file), names));
}
