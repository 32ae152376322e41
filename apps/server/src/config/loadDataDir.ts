import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { defaultDataDir } from "./defaultDataDir.ts";
import { readDataDir } from "./readDataDir.ts";
import { runApart, silenceOf } from "./runApart.ts";

// Whoever presses the kill switch is in a hurry.
const limitMs = 10_000;

/**
 * The data folder that the configuration at `path` names, absolute; nothing else of it is checked. Where it is written out, the
 * file is not even run, which takes a second; else it is run in a process of its own, for it may end that, or never end.
 * Throws DataDirUntold where it cannot be run, or comes to no end.
 */
export async function loadDataDir(path: string): Promise<string> {
  const written = writtenIn(path);
  if (written !== undefined) return resolve(dirname(resolve(path)), written);
  const apart = await runApart<string>(new URL("./dataDirApart.js", import.meta.url), [path], limitMs);
  if (apart.kind === "done") return apart.result;
  throw new DataDirUntold(apart.kind === "failed" ? apart.message : `${path} ${silenceOf(apart)}`);
}

function writtenIn(path: string): string | undefined {
  if (!existsSync(path) || !statSync(path).isFile()) return undefined;
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"));
  const dataDir = errors.length === 0 ? readDataDir(program) : undefined;
  // An empty one is refused with its reason where the file is run.
  return dataDir === null ? defaultDataDir : dataDir || undefined;
}

/** The configuration does not tell its folder. */
export class DataDirUntold extends Error {
  override readonly name = "DataDirUntold";
}
