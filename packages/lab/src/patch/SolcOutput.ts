// What of solc's standard JSON output is read: the syntax tree, and per contract code, selectors and layout.
import type { Hex } from "@testudo/core/model/Hex";
import type { AbiEntry, StorageLayout } from "./Patch.ts";

/** A node of solc's syntax tree. `src` is "start:length:file", in bytes of UTF-8. */
export interface AstNode {
  readonly id: number;
  readonly nodeType: string;
  readonly src: string;
  readonly name?: string;
  readonly [field: string]: unknown;
}

export interface SolcContract {
  readonly abi: readonly AbiEntry[];
  readonly storageLayout: StorageLayout;
  readonly evm: {
    readonly methodIdentifiers: { readonly [signature: string]: string };
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: { readonly [id: string]: readonly { start: number; length: number }[] };
    };
  };
}

export interface SolcOutput {
  readonly sources: { readonly [unit: string]: { readonly ast: AstNode } };
  readonly contracts: { readonly [unit: string]: { readonly [name: string]: SolcContract } };
}

/** Source texts by the name of their unit. */
export type Sources = { readonly [unit: string]: string };

/** Compiles `sources`; undefined where the compiler refuses them. */
export type CompileSources = (sources: Sources) => SolcOutput | undefined;

/** A contract among compiled sources, with its nodes. */
export interface Compiled {
  readonly unit: string;
  readonly name: string;
  readonly contract: SolcContract;
  readonly output: SolcOutput;
}

/** All nodes of `output`, by id. */
export function nodesOf(output: SolcOutput): readonly AstNode[] {
  return nodesIn(Object.values(output.sources).map(({ ast }) => ast));
}

/** `root`, or each of several, and all nodes below, by id. */
export function nodesIn(root: AstNode | readonly AstNode[]): readonly AstNode[] {
  const nodes: AstNode[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) for (const one of next) open.push(one);
    else if (next !== null && typeof next === "object") {
      if ("nodeType" in next && "id" in next) nodes.push(next as AstNode);
      for (const one of Object.values(next)) if (typeof one === "object") open.push(one);
    }
  }
  return nodes.sort((a, b) => a.id - b.id);
}

/**
 * The contract of `output` whose code stands at an address as `code`: the same but for immutables. Undefined where none is.
 */
export function contractWith(output: SolcOutput, code: Hex): Compiled | undefined {
  for (const [unit, inUnit] of Object.entries(output.contracts))
    for (const [name, contract] of Object.entries(inUnit)) {
      const { object, immutableReferences = {} } = contract.evm.deployedBytecode;
      if (object.length === 0 || object.length !== code.length - 2) continue;
      if (masked(code.slice(2), immutableReferences) === object) return { unit, name, contract, output };
    }
  return undefined;
}

type References = NonNullable<SolcContract["evm"]["deployedBytecode"]["immutableReferences"]>;

// solc leaves zeros where a constructor writes.
function masked(digits: string, references: References): string {
  return withWords(
    digits,
    Object.values(references)
      .flat()
      .map((place) => [place, "0".repeat(2 * place.length)]),
  );
}

/** The code of `patched` with the immutables that `code`, of `compiled`, has: they are found by name. Undefined where one is new. */
export function withImmutables(patched: Compiled, compiled: Compiled, code: Hex): Hex | undefined {
  const values = new Map<string, string>();
  for (const [name, [first]] of referencesByName(compiled))
    if (first !== undefined) values.set(name, code.slice(2 + 2 * first.start, 2 + 2 * (first.start + first.length)));
  const words: (readonly [{ start: number }, string])[] = [];
  for (const [name, places] of referencesByName(patched)) {
    const value = values.get(name);
    if (value === undefined) return undefined;
    for (const place of places) words.push([place, value]);
  }
  return `0x${withWords(patched.contract.evm.deployedBytecode.object, words)}`;
}

function referencesByName({ output, contract }: Compiled): Map<string, readonly { start: number; length: number }[]> {
  const names = new Map(nodesOf(output).map(({ id, name }) => [`${id}`, name ?? ""]));
  const { immutableReferences = {} } = contract.evm.deployedBytecode;
  return new Map(Object.entries(immutableReferences).map(([id, places]) => [names.get(id) ?? id, places]));
}

function withWords(digits: string, words: readonly (readonly [{ start: number }, string])[]): string {
  let code = digits;
  for (const [{ start }, word] of words) code = code.slice(0, 2 * start) + word + code.slice(2 * start + word.length);
  return code;
}
