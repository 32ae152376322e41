import { dirname, resolve } from "node:path";
import { EnvMissing } from "./env.ts";

const unset = "unset-environment-variable:";

/**
 * The data folder that the configuration at `path` names, absolute; nothing else of it is checked. Whoever asks in a
 * hurry has not set the variables that hold secrets, so that `env` may come up empty except within this key.
 * Throws a ConfigError, EnvMissing, or DataDirWrong.
 */
export async function loadDataDir(path: string): Promise<string> {
  const { evaluateConfig } = await import("./evaluateConfig.ts");
  const { file, config } = await evaluateConfig(path, { env: (name) => process.env[name] || `${unset}${name}` });
  const { dataDir = ".testudo" } = config as { readonly dataDir?: unknown };
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
