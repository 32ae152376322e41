import { dirname, resolve } from "node:path";
import { defaultDataDir } from "./defaultDataDir.ts";
import { EnvMissing } from "./env.ts";
import { evaluateConfig } from "./evaluateConfig.ts";

const unset = "unset-environment-variable:";

/**
 * The data folder that the configuration at `path` gives when it is run, absolute; nothing else of it is checked. Whoever asks in a
 * hurry has not set the variables that hold secrets, so that `env` may come up empty except within this key.
 * Throws a ConfigError, EnvMissing, or DataDirWrong.
 */
export async function evaluateDataDir(path: string): Promise<string> {
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
