// What the templates ask of a contract's syntax tree.
import type { Hex } from "@testudo/core/model/Hex";
import { type AstNode, type Compiled, nodesIn, nodesOf } from "./SolcOutput.ts";

/** The definition of `compiled`. */
export function contractOf({ output, unit, name }: Compiled): AstNode {
  const { nodes } = output.sources[unit]!.ast as unknown as { nodes: readonly AstNode[] };
  return nodes.find((one) => one.nodeType === "ContractDefinition" && one.name === name)!;
}

/** The definitions of `compiled` and of all that it inherits from, itself first. */
export function lineOf(compiled: Compiled): readonly AstNode[] {
  const line = contractOf(compiled).linearizedBaseContracts as readonly number[];
  const byId = new Map(nodesOf(compiled.output).map((node) => [node.id, node]));
  return line.flatMap((id) => byId.get(id) ?? []);
}

/** The functions with a body of `compiled` and of all that it inherits from. */
export function functionsIn(compiled: Compiled): readonly AstNode[] {
  return lineOf(compiled)
    .flatMap(({ nodes }) => nodes as readonly AstNode[])
    .filter(({ nodeType, body }) => nodeType === "FunctionDefinition" && body != null);
}

/** Those of the functions that can be called from outside and write, by their selectors. */
export function writersOf({ output, contract }: Compiled, selectors: readonly Hex[]): readonly AstNode[] {
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

/** Those of `functions` that the contract itself defines: what it inherits other contracts may share. */
export function ownOf(compiled: Compiled, functions: readonly AstNode[]): readonly AstNode[] {
  const { id } = contractOf(compiled);
  return functions.filter(({ scope }) => scope === id);
}

/** solc's name of an expression's type, such as "uint256". */
export function typeOf(node: AstNode): string {
  return (node.typeDescriptions as { typeString?: string } | undefined)?.typeString ?? "";
}

/** `node` without parentheses around it. */
export function bare(node: AstNode): AstNode {
  const [only, ...more] = (node.components ?? []) as readonly AstNode[];
  return node.nodeType === "TupleExpression" && only !== undefined && more.length === 0 ? bare(only) : node;
}

/** The last name of an expression: `totalSupply` of `vault.totalSupply()`; undefined where it has none. */
export function nameOf(node: AstNode): string | undefined {
  const { nodeType } = node;
  if (nodeType === "FunctionCall") return nameOf(node.expression as AstNode);
  if (nodeType === "MemberAccess") return node.memberName as string;
  if (nodeType === "IndexAccess") return nameOf(node.baseExpression as AstNode);
  return nodeType === "Identifier" ? node.name : undefined;
}

/** A product divided: `a * b / c`, or a call of `mulDiv`. */
export interface Quotient {
  readonly node: AstNode;
  readonly factors: readonly [AstNode, AstNode];
  readonly divisor: AstNode;
  readonly isCall: boolean;
  /** Whether it has a fourth operand, which tells how to round. */
  readonly isRounded: boolean;
}

/** Every product that is divided in `root`. */
export function quotientsIn(root: AstNode): readonly Quotient[] {
  return nodesIn(root).flatMap((node) => quotientOf(node) ?? []);
}

/** `node` as a divided product; undefined where it is none. */
export function quotientOf(wrapped: AstNode): Quotient | undefined {
  const node = bare(wrapped);
  if (node.nodeType === "FunctionCall") return quotientOfCall(node);
  if (node.nodeType !== "BinaryOperation" || node.operator !== "/") return undefined;
  const product = bare(node.leftExpression as AstNode);
  if (product.nodeType !== "BinaryOperation" || product.operator !== "*") return undefined;
  const factors = [product.leftExpression as AstNode, product.rightExpression as AstNode] as const;
  return { node, factors, divisor: node.rightExpression as AstNode, isCall: false, isRounded: false };
}

function quotientOfCall(node: AstNode): Quotient | undefined {
  const callee = node.expression as AstNode;
  if (!/^(?:full)?mulDiv(?:Down)?$/i.test(nameOf(callee) ?? "")) return undefined;
  const given = node.arguments as readonly AstNode[];
  // Of `a.mulDiv(b, c)` the first operand stands before the dot.
  const first = callee.nodeType === "MemberAccess" ? (callee.expression as AstNode) : undefined;
  const isBound = first !== undefined && typeOf(first) === "uint256";
  const [a, b, divisor, rounding] = isBound ? [first, ...given] : given;
  if (a === undefined || b === undefined || divisor === undefined) return undefined;
  return { node, factors: [a, b], divisor, isCall: true, isRounded: rounding !== undefined };
}
