// Faults that a line or two mend, as edits of the source by its syntax tree.
import type { Hex } from "@testudo/core/model/Hex";
import { type AstNode, type Compiled, nodesOf, type Sources } from "./SolcOutput.ts";

/** Sources with one fault mended. */
export interface Mended {
  readonly template: "access check" | "reentrancy guard" | "initialiser guard";
  readonly functions: readonly string[];
  readonly sources: Sources;
}

interface Edit {
  readonly unit: string;
  /** In bytes of UTF-8. */
  readonly at: number;
  readonly text: string;
}

const owners = /^_?(?:owner|admin|governance|governor|keeper|timelock)_?$/i;
const initialisers = /^_*(?:init|initiali[sz]e\w*|setup)$/i;

/** What the templates make of the functions that the attack called, by selector; `reenters` where it came back in. */
export function mendedSources(
  compiled: Compiled,
  sources: Sources,
  attacked: readonly Hex[],
  reenters: boolean,
): readonly Mended[] {
  const functions = functionsOf(compiled, attacked);
  const contract = contractOf(compiled);
  const own = functions.filter(({ scope }) => scope === contract.id);
  const owner = ownerOf(compiled);
  const checks = owner === undefined ? [] : functions.filter(isOpen);
  const inits = functions.filter(({ name = "" }) => initialisers.test(name));
  return [
    ...inits.map((one) => mend("initialiser guard", sources, [one], compiled, shutAfterOnce)),
    ...checks.map((one) =>
      mend("access check", sources, [one], compiled, () => `if (msg.sender != ${owner}) revert();`),
    ),
    ...(reenters && own.length > 0 ? [guarded(sources, own, compiled)] : []),
  ];
}

// A proxy that stands has been set up: whatever calls this now is not who did.
const shutAfterOnce = () => "if (address(this).code.length != 0) revert();";

function mend(
  template: Mended["template"],
  sources: Sources,
  functions: readonly AstNode[],
  { output }: Compiled,
  statement: (one: AstNode) => string,
): Mended {
  const units = unitsOf(output);
  const edits = functions.map((one): Edit => {
    const { start } = placeOf(one.body as AstNode);
    return { unit: units(one), at: start + 1, text: ` ${statement(one)}` };
  });
  return { template, functions: functions.map(({ name = "" }) => name), sources: edited(sources, edits) };
}

/** A lock that lives for the transaction alone takes no slot; it is the same for all functions that have it. */
function guarded(sources: Sources, functions: readonly AstNode[], compiled: Compiled): Mended {
  const units = unitsOf(compiled.output);
  const contract = contractOf(compiled);
  const lock =
    "modifier testudoLocked() { assembly { if tload(0x7e57d0) { revert(0, 0) } tstore(0x7e57d0, 1) } _; " +
    "assembly { tstore(0x7e57d0, 0) } } ";
  const { start, length } = placeOf(contract);
  const edits = functions.map((one): Edit => {
    return { unit: units(one), at: placeOf(one.body as AstNode).start, text: "testudoLocked " };
  });
  const all = [...edits, { unit: units(contract), at: start + length - 1, text: lock }];
  return {
    template: "reentrancy guard",
    functions: functions.map((one) => one.name ?? ""),
    sources: edited(sources, all),
  };
}

function functionsOf({ output, contract }: Compiled, selectors: readonly Hex[]): readonly AstNode[] {
  const known = new Set(Object.values(contract.evm.methodIdentifiers));
  return nodesOf(output).filter(
    ({ nodeType, functionSelector, body, stateMutability }) =>
      nodeType === "FunctionDefinition" &&
      body != null &&
      stateMutability !== "view" &&
      stateMutability !== "pure" &&
      known.has(`${functionSelector}`) &&
      selectors.includes(`0x${functionSelector}`),
  );
}

/** Has neither a modifier nor a comparison with who calls. */
function isOpen(one: AstNode): boolean {
  return (one.modifiers as unknown[]).length === 0 && !comparesSender(one.body);
}

function comparesSender(node: unknown): boolean {
  if (node === null || typeof node !== "object") return false;
  const { nodeType, operator } = node as Partial<AstNode>;
  const isComparison = nodeType === "BinaryOperation" && (operator === "==" || operator === "!=");
  if (isComparison && JSON.stringify(node).includes('"memberName":"sender"')) return true;
  return Object.values(node).some(comparesSender);
}

function contractOf({ output, unit, name }: Compiled): AstNode {
  const { nodes } = output.sources[unit]!.ast as unknown as { nodes: readonly AstNode[] };
  return nodes.find((one) => one.nodeType === "ContractDefinition" && one.name === name)!;
}

function ownerOf(compiled: Compiled): string | undefined {
  const members = contractOf(compiled).nodes as readonly AstNode[];
  return members.find(
    (one) =>
      one.nodeType === "VariableDeclaration" &&
      owners.test(one.name ?? "") &&
      (one.typeDescriptions as { typeString?: string }).typeString === "address",
  )?.name;
}

function unitsOf(output: Compiled["output"]): (node: AstNode) => string {
  const byIndex = new Map(Object.entries(output.sources).map(([unit, { ast }]) => [ast.src.split(":")[2], unit]));
  return ({ src }) => byIndex.get(src.split(":")[2])!;
}

function placeOf({ src }: AstNode): { start: number; length: number } {
  const [start, length] = src.split(":").map(Number);
  return { start: start!, length: length! };
}

/** From the end to the front, so that no place moves. */
function edited(sources: Sources, edits: readonly Edit[]): Sources {
  const texts = { ...sources };
  for (const { unit, at, text } of edits.toSorted((a, b) => b.at - a.at)) {
    const bytes = Buffer.from(texts[unit]!);
    texts[unit] = `${bytes.subarray(0, at)}${text}${bytes.subarray(at)}`;
  }
  return texts;
}
