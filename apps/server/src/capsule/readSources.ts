import { createRequire } from "node:module";
import type { SourceInput } from "@testudo/lab/patch/candidateUpgrades";
import type { SolcOutput, Sources } from "@testudo/lab/patch/SolcOutput";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import { readBytes } from "./readCapsuleFile.ts";

interface Solc {
  compile(input: string): string;
  version(): string;
}

const inputSchema = z.object({
  language: z.literal("Solidity"),
  sources: z.record(z.string().max(1_000), z.object({ content: z.string() })),
  settings: z.record(z.string(), z.unknown()).default({}),
});

const wanted = { "*": { "": ["ast"], "*": ["abi", "storageLayout", "evm.deployedBytecode", "evm.methodIdentifiers"] } };

/** The sources in `path`, solc's standard JSON input, and the installed solc to compile them. Throws UsageError. */
export function readSources(path: string): SourceInput {
  const { sources, settings } = parse(path);
  const solc = loadSolc();
  return {
    sources: Object.fromEntries(Object.entries(sources).map(([unit, { content }]) => [unit, content])),
    compile: (texts) => compileWith(solc, settings, texts),
  };
}

function parse(path: string): z.output<typeof inputSchema> {
  const parsed = inputSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `"${path}" is no standard JSON input: ${issue?.path.join(".")}: ${issue?.message}.`,
    "Allowed: an object with language Solidity, sources with their content, and settings.",
    "Take it from where the contract was verified.",
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(readBytes(path)));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`"${path}" is no JSON.`, "Allowed: solc's standard JSON input.", "Check the file.", { cause });
  }
}

// Nothing is read from the disk for an import: all that is compiled stands in the file.
function compileWith(solc: Solc, settings: Record<string, unknown>, texts: Sources): SolcOutput | undefined {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(texts).map(([unit, content]) => [unit, { content }])),
    settings: { ...settings, outputSelection: wanted },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput & {
    readonly errors?: readonly { readonly severity: string }[];
  };
  return output.errors?.some(({ severity }) => severity === "error") ? undefined : output;
}

function loadSolc(): Solc {
  try {
    return createRequire(import.meta.url)("solc") as Solc;
  } catch (cause) {
    throw new UsageError(
      "solc is not installed.",
      "Allowed: the version that the contract was compiled by, as the npm package `solc`.",
      "Install it beside testudo, or go without `--sources`.",
      { cause },
    );
  }
}
