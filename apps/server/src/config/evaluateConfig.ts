import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { createJiti } from "jiti";
import { z } from "zod";
import * as entry from "../index.ts";
import type { Config } from "./Config.ts";
import { ConfigError, type Mistake, type Place } from "./ConfigError.ts";
import { containCode } from "./containCode.ts";
import { isConfig } from "./defineConfig.ts";
import { EnvMissing } from "./env.ts";
import { explainParameters } from "./explainIssue.ts";
import { parseSource, placeOfArgument, placeOfValue, type Source, syntaxErrorOf } from "./locate.ts";
import { looksSecret, quoted } from "./looksSecret.ts";

/** What a file gives, before any value of it is checked. */
export interface Evaluated<T = Config> {
  /** Absolute path. */
  readonly file: string;
  readonly source: Source;
  readonly config: T;
}

/** A kind of typed file: the function that makes its default export, how such a value is known, and how to get one. */
export interface FileKind<T> {
  readonly define: string;
  readonly noun: string;
  readonly is: (value: unknown) => value is T;
  readonly wayOut: string;
}

const configKind: FileKind<Config> = {
  define: "defineConfig",
  noun: "configuration",
  is: isConfig,
  wayOut: "Run `testudo init` to write one, or give its path with --config.",
};

/**
 * Runs the configuration at `path`: it is code of the operator. `replaced` stands in for exports of "testudo", `accepted`
 * for the file's text.
 * Throws ConfigMissing, ConfigSyntaxError, ConfigThrew or ConfigNotDefined.
 */
export function evaluateConfig(
  path: string,
  replaced: Partial<typeof entry> = {},
  accepted?: string,
): Promise<Evaluated> {
  return evaluateFile(path, configKind, replaced, accepted);
}

/** Runs the file at `path`, which is of `kind`. Throws like `evaluateConfig`. */
export async function evaluateFile<T>(
  path: string,
  kind: FileKind<T>,
  replaced: Partial<typeof entry> = {},
  accepted?: string,
): Promise<Evaluated<T>> {
  const file = resolve(path);
  const inside = relative(process.cwd(), file);
  const shown = looksSecret(path) ? quoted(path) : inside === "" || inside.startsWith("..") ? file : inside;
  if (accepted === undefined && (!existsSync(file) || !statSync(file).isFile())) throw new ConfigMissing(shown, kind);
  const text = accepted ?? readFileSync(file, "utf8");
  const syntax = syntaxErrorOf(shown, text);
  if (syntax !== undefined) throw new ConfigSyntaxError(syntax.place, syntax.message);
  const source = parseSource(shown, text);
  return { file, source, config: await run(file, source, kind, replaced, accepted) };
}

async function run<T>(
  file: string,
  source: Source,
  kind: FileKind<T>,
  replaced: Partial<typeof entry>,
  accepted: string | undefined,
): Promise<T> {
  // `testudo` is this very program, wherever the file lies: detectors and errors are then the same ones here and there.
  const jiti = createJiti(file, {
    virtualModules: { testudo: { ...entry, useDetector: useNoting, ...replaced } },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  let module: { readonly default?: unknown };
  try {
    const load = async () =>
      accepted === undefined ? jiti.import(file) : jiti.evalModule(accepted, { filename: file, async: true });
    module = (await containCode(load)) as typeof module;
  } catch (error) {
    throw new ConfigThrew(mistakesOfThrown(file, source, error), error);
  }
  if (kind.is(module.default)) return module.default;
  throw new ConfigNotDefined(placeOfValue(source, []), kind, module.default);
}

// What a detector allows is known where it is used, and no longer where its refusal is told.
const schemas = new WeakMap<z.ZodError, z.ZodType>();

/** `useDetector` whose refusal can be explained by `mistakesOfThrown`. */
export const useNoting: typeof entry.useDetector = (detector, overrides) => {
  try {
    return entry.useDetector(detector, overrides);
  } catch (error) {
    if (error instanceof z.ZodError) schemas.set(error, detector.params);
    throw error;
  }
};

/** The mistakes behind an exception of the file's own code, found by the frame of its stack that lies in the file. */
export function mistakesOfThrown(file: string, source: Source, error: unknown): readonly Mistake[] {
  const place = frameIn(file, source, error);
  if (error instanceof z.ZodError) {
    const line = place.line ?? 1;
    const placeOf = (path: readonly PropertyKey[]) =>
      placeOfArgument(source, "useDetector", { line, index: 1, path }) ?? place;
    return explainParameters(error.issues, placeOf, schemas.get(error));
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

/** There is no file. */
export class ConfigMissing extends ConfigError {
  override readonly name = "ConfigMissing";
  constructor(file: string, { noun, define, wayOut }: FileKind<unknown>) {
    super([
      {
        place: { file },
        what: "is not there, or is no file.",
        allowed: `A ${noun} is a TypeScript file that default-exports ${define}({ … }).`,
        wayOut,
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

/** The file's own code threw, would have ended the program, or waits without end. */
export class ConfigThrew extends ConfigError {
  override readonly name = "ConfigThrew";
}

/** The file's default export did not come out of the function that makes its kind. */
export class ConfigNotDefined extends ConfigError {
  override readonly name = "ConfigNotDefined";
  constructor(place: Place, { define }: FileKind<unknown>, found: unknown) {
    const what = found === undefined ? "has no default export." : `has a default export that ${define}() did not make.`;
    super([
      {
        place,
        what,
        allowed: `Allowed: export default ${define}({ … }), with ${define} from "testudo".`,
        wayOut: `Wrap the object in ${define}(), so that the editor checks it too.`,
      },
    ]);
  }
}
