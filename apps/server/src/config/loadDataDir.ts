import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { defaultDataDir } from "./defaultDataDir.ts";
import { EnvMissing } from "./env.ts";
import { readDataDir } from "./readDataDir.ts";

const unset = "unset-environment-variable:";

/**
 * The data folder that the configuration at `path` names, absolute; nothing else of it is checked. Whoever asks in a
 * hurry has not set the variables that hold secrets, so that `env` may come up empty except within this key; and where
 * it is written out, the file is not even run, which takes a second.
 * Throws a ConfigError, EnvMissing, or DataDirWrong.
 */
export async function loadDataDir(path: string): Promise<string> {
  const written = writtenIn(path);
  return written === undefined ? evaluate(path) : resolve(dirname(resolve(path)), written);
}

function writtenIn(path: string): string | undefined {
  if (!existsSync(path) || !statSync(path).isFile()) return undefined;
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"));
  const dataDir = errors.length === 0 ? readDataDir(program) : undefined;
  // An empty one is refused with its reason where the file is run.
  return dataDir === null ? defaultDataDir : dataDir || undefined;
}

async function evaluate(path: string): Promise<string> {
  const { evaluateConfig } = await import("./evaluateConfig.ts");
  const { file, config } = await evaluateConfig(path, { env: (name) => process.env[name] || `${unset}${name}` });
  const { dataDir = defaultDataDir } = config as { readonly dataDir?: unknown };
  if (typeof dataDir !== "string" || dataDir === "") throw new DataDirWrong(path);
  const [, missing] = dataDir.split(unset);
  if (missing !== undefined) throw new EnvMissing(missing.split("/")[0]!, false);
  return resolve(dirname(file), dataDir);
}

/** `dataDir` is no path. */
export class DataDirWrong extends Error {
  override readonly name = "DataDirWrong";
  constructor(file: string) {
    super(`\`dataDir\` of "${file}" is no folder's path.`);
  }
}
