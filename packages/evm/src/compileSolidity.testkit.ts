// Solidity of a test, compiled by the compiler that the contracts are compiled by.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fromHex } from "./hex.ts";

const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };

export interface CompiledContract {
  readonly creation: Uint8Array;
  readonly runtime: Uint8Array;
  /** Selectors by signature, as hex without 0x. */
  readonly selectors: { readonly [signature: string]: string };
}

interface SolcContract {
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
    readonly methodIdentifiers: { readonly [signature: string]: string };
  };
}

/** The contracts of one file by name. */
export function compileSolidity(file: URL): { readonly [name: string]: CompiledContract } {
  const input = {
    language: "Solidity",
    sources: { source: { content: readFileSync(file, "utf8") } },
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true },
      outputSelection: {
        "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
    readonly contracts: { readonly source: { readonly [name: string]: SolcContract } };
  };
  const faults = (output.errors ?? []).filter((error) => error.severity === "error");
  if (faults.length > 0) throw new Error(faults.map((fault) => fault.formattedMessage).join("\n"));
  return Object.fromEntries(
    Object.entries(output.contracts.source).map(([name, { evm }]) => [
      name,
      {
        creation: fromHex(`0x${evm.bytecode.object}`),
        runtime: fromHex(`0x${evm.deployedBytecode.object}`),
        selectors: evm.methodIdentifiers,
      },
    ]),
  );
}
