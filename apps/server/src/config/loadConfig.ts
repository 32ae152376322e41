import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { createJiti } from "jiti";
import { z } from "zod";
import * as entry from "../index.ts";
import type { Config, Settings } from "./Config.ts";
import { ConfigError, type Mistake, type Place } from "./ConfigError.ts";
import { configSchema, nameOfChannel } from "./configSchema.ts";
import { isConfig } from "./defineConfig.ts";
import { EnvMissing } from "./env.ts";
import { explainIssues, explainParameters } from "./explainIssue.ts";
import { parseSource, placeOfArgument, placeOfValue, type Source, syntaxErrorOf } from "./locate.ts";

/**
 * The checked settings of the configuration at `path`, with every default. The file is run: it is code of the operator.
 * Throws ConfigMissing, ConfigSyntaxError, ConfigThrew, ConfigNotDefined or ConfigInvalid, all of them ConfigErrors that
 * name file, line and column.
 */
export async function loadConfig(path: string): Promise<Settings> {
  const file = resolve(path);
  const shown = relative(process.cwd(), file).startsWith("..") ? file : relative(process.cwd(), file);
  if (!existsSync(file) || !statSync(file).isFile()) throw new ConfigMissing(shown);
  const text = readFileSync(file, "utf8");
  const syntax = syntaxErrorOf(shown, text);
  if (syntax !== undefined) throw new ConfigSyntaxError(syntax.place, syntax.message);
  const source = parseSource(shown, text);
  const config = await evaluate(file, source);
  const checked = configSchema.safeParse(config);
  if (!checked.success) throw new ConfigInvalid(invalidIn(source, config, checked.error));
  return toSettings(file, checked.data);
}

async function evaluate(file: string, source: Source): Promise<Config> {
  // `testudo` is this very program, wherever the file lies: detectors and errors are then the same ones here and there.
  const jiti = createJiti(file, {
    virtualModules: { testudo: entry },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  let module: { readonly default?: unknown };
  try {
    module = await jiti.import(file);
  } catch (error) {
    throw new ConfigThrew(thrownIn(file, source, error), error);
  }
  if (isConfig(module.default)) return module.default;
  throw new ConfigNotDefined(placeOfValue(source, []), module.default);
}

function invalidIn(source: Source, config: Config, error: z.ZodError): readonly Mistake[] {
  const placeOf = (path: readonly PropertyKey[]) => placeOfValue(source, path);
  return explainIssues(error.issues, { input: config, placeOf, root: "The configuration" });
}

/** The mistakes behind an exception of the file's own code, found by the frame of its stack that lies in the file. */
function thrownIn(file: string, source: Source, error: unknown): readonly Mistake[] {
  const place = frameIn(file, source, error);
  if (error instanceof z.ZodError) {
    const line = place.line ?? 1;
    const placeOf = (path: readonly PropertyKey[]) =>
      placeOfArgument(source, "useDetector", { line, index: 1, path }) ?? place;
    return explainParameters(error.issues, placeOf);
  }
  const [what = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n- ");
  const [allowed, wayOut] = rest;
  return [
    {
      place,
      what: error instanceof Error && rest.length === 0 ? `${error.name}: ${what}` : what,
      allowed: allowed ?? "The file runs when it is loaded and has to reach its end.",
      wayOut: wayOut ?? "Correct this line.",
    },
  ];
}

function frameIn(file: string, source: Source, error: unknown): Place {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const at = stack.split("\n").find((line) => line.includes(`${file}:`));
  const found = at?.slice(at.indexOf(`${file}:`) + file.length).match(/^:(\d+):/);
  if (!found) return { file: source.file };
  const line = Number(found[1]);
  // Loading keeps the lines but not the columns; the variable's name is found again in the text.
  const column = error instanceof EnvMissing ? (source.text.split("\n")[line - 1] ?? "").indexOf(error.variable) : -1;
  return column > 0 ? { file: source.file, line, column } : { file: source.file, line };
}

function toSettings(file: string, data: z.output<typeof configSchema>): Settings {
  const inFolder = (path: string) => resolve(dirname(file), path);
  return {
    ...data,
    file,
    quorum: data.quorum ?? Math.min(2, data.rpc.length),
    chainId: data.chainId,
    protect: data.protect.map(({ name, address }, i) => ({ name: name ?? `protected-${i + 1}`, address })),
    detectors: data.detectors,
    policy: data.policy ?? null,
    channels: data.channels.map((channel, i) => ({ ...channel, name: nameOfChannel(channel, i) })),
    dataDir: inFolder(data.dataDir),
    sender: data.sender && {
      keystore: inFolder(data.sender.keystore),
      passwordFile: inFolder(data.sender.passwordFile),
    },
    fromBlock: data.fromBlock,
  };
}

/** There is no file. */
export class ConfigMissing extends ConfigError {
  override readonly name = "ConfigMissing";
  constructor(file: string) {
    super([
      {
        place: { file },
        what: "is not there, or is no file.",
        allowed: "A configuration is a TypeScript file that default-exports defineConfig({ … }).",
        wayOut: "Run `testudo init` to write one, or give its path with --config.",
      },
    ]);
  }
}

/** The file does not parse. */
export class ConfigSyntaxError extends ConfigError {
  override readonly name = "ConfigSyntaxError";
  constructor(place: Place, message: string) {
    super([
      { place, what: `does not parse: ${message}.`, allowed: "Allowed: TypeScript.", wayOut: "Correct this line." },
    ]);
  }
}

/** The file's own code threw. */
export class ConfigThrew extends ConfigError {
  override readonly name = "ConfigThrew";
}

/** The file's default export did not come out of defineConfig. */
export class ConfigNotDefined extends ConfigError {
  override readonly name = "ConfigNotDefined";
  constructor(place: Place, found: unknown) {
    const what =
      found === undefined ? "has no default export." : "has a default export that defineConfig() did not make.";
    super([
      {
        place,
        what,
        allowed: 'Allowed: export default defineConfig({ … }), with defineConfig from "testudo".',
        wayOut: "Wrap the object in defineConfig(), so that the editor checks it too.",
      },
    ]);
  }
}

/** Values of the configuration are not allowed. */
export class ConfigInvalid extends ConfigError {
  override readonly name = "ConfigInvalid";
}
