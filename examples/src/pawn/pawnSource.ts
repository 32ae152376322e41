// The pawnbroker's source as it was compiled, for whoever has to mend it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { SourceInput } from "@testudo/lab/patch/candidateUpgrades";
import type { SolcOutput, Sources } from "@testudo/lab/patch/SolcOutput";

const path = fileURLToPath(new URL("../../src/pawn/Pawn.sol", import.meta.url));

/** What Pawn.sol holds, compiled. */
export const pawnBuilds = compile([path]);

/** The source with its compiler. */
export const pawnSource: SourceInput = {
  sources: { "Pawn.sol": readFileSync(path, "utf8") },
  compile: compileAll,
};

// The settings of `@testudo/contracts/compile`: the code has to be the same.
function compileAll(texts: Sources): SolcOutput | undefined {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(texts).map(([unit, content]) => [unit, { content }])),
    settings: {
      optimizer: { enabled: true, runs: 10_000 },
      evmVersion: "cancun",
      metadata: { bytecodeHash: "none", appendCBOR: false },
      outputSelection: {
        "*": { "": ["ast"], "*": ["abi", "storageLayout", "evm.deployedBytecode", "evm.methodIdentifiers"] },
      },
    },
  };
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as SolcOutput & {
    readonly errors?: readonly { readonly severity: string }[];
  };
  return output.errors?.some(({ severity }) => severity === "error") ? undefined : output;
}
