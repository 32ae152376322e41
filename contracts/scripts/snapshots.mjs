// The gas figures in snapshots/, which forge's tests write anew, and how they changed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageDir } from "./forge.mjs";

const allowedRise = 1.02;

/** Every figure by "File: name". */
export function readSnapshots() {
  const dir = join(packageDir, "snapshots");
  const figures = new Map();
  if (!existsSync(dir)) return figures;
  for (const file of readdirSync(dir).sort())
    for (const [name, gas] of Object.entries(JSON.parse(readFileSync(join(dir, file), "utf8"))))
      figures.set(`${file.replace(/\.json$/, "")}: ${name}`, Number(gas));
  return figures;
}

/** The figures of `now` that are more than 2 % above those of `before`: `{ name, was, is }` each. */
export function risenSince(before, now) {
  return [...now].flatMap(([name, is]) => {
    const was = before.get(name);
    return was !== undefined && is > was * allowedRise ? [{ name, was, is }] : [];
  });
}
