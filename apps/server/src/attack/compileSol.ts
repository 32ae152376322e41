// Compiles one Solidity file for a search, with what it imports: relative files, and packages as Node and Foundry find them.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import type { CompiledContract, LinkedLibrary } from "@testudo/lab/adversary/deployTarget";
import { UsageError } from "../config/UsageError.ts";

interface Solc {
  compile(input: string, callbacks: { import(unit: string): { contents: string } | { error: string } }): string;
}

/** A compiled contract with its way back to the source. */
export interface SourcedContract extends CompiledContract {
  /** Of the runtime code, as solc writes it. */
  readonly sourceMap: string;
}

export interface CompiledFile {
  readonly contracts: readonly SourcedContract[];
  /** What they call by delegation, each at an address of our choice. */
  readonly libraries: readonly LinkedLibrary[];
  /** Name and content of each source by its number in source maps. */
  readonly sources: readonly { readonly name: string; readonly content: string }[];
}

interface Output {
  readonly errors?: readonly {
    readonly severity: string;
    readonly formattedMessage: string;
    readonly message: string;
  }[];
  readonly sources: { readonly [unit: string]: { readonly id: number } };
  readonly contracts?: { readonly [unit: string]: { readonly [name: string]: OutputContract } };
}
interface OutputContract {
  readonly abi: CompiledContract["abi"];
  readonly evm: {
    readonly bytecode: { readonly object: string; readonly linkReferences: LinkReferences };
    readonly deployedBytecode: { readonly object: string; readonly sourceMap: string };
  };
}

interface LinkReferences {
  readonly [unit: string]: { readonly [library: string]: unknown };
}
/** Addresses of libraries by unit and name, as solc takes them. */
type Links = Record<string, Record<string, `0x${string}`>>;

const firstLibrary = 0x11_b000_0000n;
const mostBytes = 10_000_000;
const stackTooDeep = /stack too deep/i;

/** Compiles `file` with solc 0.8.37. Throws UsageError with the compiler's own words. */
export function compileSol(file: string): CompiledFile {
  const path = resolve(file);
  const contents = new Map([[path, readSource(path)]]);
  let viaIR = false;
  let output = run(path, contents, viaIR, {});
  // What is too deep for the one code generator is not for the other.
  if (errorsOf(output).some(({ message }) => stackTooDeep.test(message))) {
    viaIR = true;
    output = run(path, contents, viaIR, {});
  }
  const links = linksOf(output);
  if (Object.keys(links).length > 0) output = run(path, contents, viaIR, links);
  const errors = errorsOf(output);
  if (errors.length > 0)
    throw new UsageError(
      `"${file}" does not compile:\n${errors.map(({ formattedMessage }) => formattedMessage.trim()).join("\n")}`,
      "The compiler is solc 0.8.37.",
      wayOutOf(errors),
    );
  const sources: { name: string; content: string }[] = [];
  for (const [unit, { id }] of Object.entries(output.sources))
    sources[id] = { name: basename(unit), content: contents.get(unit) ?? "" };
  // Those of the file itself before those that it imports.
  const units = Object.entries(output.contracts ?? {}).sort(([a], [b]) => Number(b === path) - Number(a === path));
  return {
    contracts: units.flatMap(([, inUnit]) => Object.entries(inUnit).map(toContract)),
    libraries: librariesOf(output, links),
    sources,
  };
}

function wayOutOf(errors: readonly { readonly message: string }[]): string {
  const tells = (words: RegExp) => errors.some(({ message }) => words.test(message));
  if (tells(/not found/)) return "Put what it imports where it is looked for.";
  return tells(/different compiler version/) ? "Widen its pragma." : "Correct the file.";
}

/** An address for each library that has to be linked. */
function linksOf({ contracts = {} }: Output): Links {
  const links: Links = {};
  let next = firstLibrary;
  for (const { evm } of Object.values(contracts).flatMap((inUnit) => Object.values(inUnit)))
    for (const [unit, libraries] of Object.entries(evm.bytecode.linkReferences))
      for (const library of Object.keys(libraries)) {
        links[unit] ??= {};
        links[unit][library] ??= `0x${(next++).toString(16).padStart(40, "0")}`;
      }
  return links;
}

function librariesOf({ contracts = {} }: Output, links: Links): LinkedLibrary[] {
  return Object.entries(links).flatMap(([unit, libraries]) =>
    Object.entries(libraries).map(([library, address]) => ({
      address,
      runtime: `0x${contracts[unit]![library]!.evm.deployedBytecode.object}` as const,
    })),
  );
}

function run(path: string, contents: Map<string, string>, viaIR: boolean, libraries: Links): Output {
  const solc = createRequire(import.meta.url)("solc") as Solc;
  const input = {
    language: "Solidity",
    sources: { [path]: { content: contents.get(path)! } },
    settings: {
      evmVersion: "cancun",
      viaIR,
      libraries,
      optimizer: { enabled: true, runs: 200 },
      outputSelection: {
        "*": {
          "*": [
            "abi",
            "evm.bytecode.object",
            "evm.bytecode.linkReferences",
            "evm.deployedBytecode.object",
            "evm.deployedBytecode.sourceMap",
          ],
        },
      },
    },
  };
  const found = solc.compile(JSON.stringify(input), { import: (unit) => importOf(unit, path, contents) });
  return JSON.parse(found) as Output;
}

function importOf(unit: string, from: string, contents: Map<string, string>): { contents: string } | { error: string } {
  const path = unit.startsWith("/") ? unit : packageFile(unit, dirname(from));
  if (path === undefined || !existsSync(path)) return { error: "File not found beside it, in node_modules or in lib." };
  // The compiler quotes what it cannot read: a stranger's file is not to have it quote any other, by a link neither.
  if (!realpathSync(path).endsWith(".sol")) return { error: "Only files that end in .sol are imported." };
  const content = readSource(path);
  contents.set(unit, content);
  return { contents: content };
}

/** `@scope/package/File.sol` in a node_modules above, or `package/File.sol` in Foundry's lib/package/src. */
function packageFile(unit: string, from: string): string | undefined {
  const [first, ...rest] = unit.split("/");
  for (let folder = from; ; folder = dirname(folder)) {
    const candidates = [
      join(folder, "node_modules", unit),
      join(folder, "lib", first!, "src", ...rest),
      join(folder, "lib", unit),
    ];
    const found = candidates.find((path) => existsSync(path));
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}

function readSource(path: string): string {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UsageError(`"${path}" cannot be read.`, "A Solidity file is needed.", "Correct the path.", { cause });
  }
  if (content.length <= mostBytes) return content;
  throw new UsageError(
    `"${path}" has ${content.length} bytes.`,
    `At most ${mostBytes} are read.`,
    "Name a Solidity file.",
  );
}

const errorsOf = ({ errors = [] }: Output) => errors.filter(({ severity }) => severity === "error");

function toContract([name, { abi, evm }]: [string, OutputContract]): SourcedContract {
  const { bytecode, deployedBytecode } = evm;
  return {
    name,
    abi,
    creation: `0x${bytecode.object}`,
    runtime: `0x${deployedBytecode.object}`,
    sourceMap: deployedBytecode.sourceMap,
  };
}
