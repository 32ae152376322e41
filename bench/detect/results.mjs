// A whole run takes the better part of an hour, so that each part is kept as soon as it is measured.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commitOf } from "./describeMachine.mjs";

const folder = fileURLToPath(new URL("../results/detect", import.meta.url));
const fileOf = (name) => `${folder}/${name}.json`;

/** Writes down what was measured of `name`, also of a part of it. */
export function keepPart(name, value) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify({ commit: commitOf(), value })}\n`);
}

/** What was measured of `name` at this very commit; undefined where nothing was, it broke, or files were edited since. */
export function keptPart(name) {
  if (!existsSync(fileOf(name))) return undefined;
  const { commit, value } = JSON.parse(readFileSync(fileOf(name), "utf8"));
  const isSame = commit === commitOf() && !commit.endsWith("+") && commit !== "unknown";
  return isSame && value.broke === undefined && value.skipped === undefined ? value : undefined;
}
