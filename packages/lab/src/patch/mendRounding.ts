// What somebody gives up for what he takes is rounded up: rounded down it is nothing for a small enough amount.
import { bare, contractOf, functionsIn, nameOf, ownOf, type Quotient, quotientOf, typeOf } from "./ContractTree.ts";
import type { Mended } from "./Mended.ts";
import { type AstNode, type Compiled, nodesIn, type Sources } from "./SolcOutput.ts";
import { edited, member, replaced, type SourceEdit, textOf } from "./SourceEdit.ts";

interface Fault {
  readonly name: string;
  readonly quotient: Quotient;
}

const ceil =
  "function testudoCeil(uint256 a, uint256 b) private pure returns (uint256) " +
  "{ return a / b + (a % b == 0 ? 0 : 1); }";
const debts = /debt|borrow|owe|loan/i;
const burns = /^_*burn(?:From)?$/i;
const listMax = 16;

/** Of each quotient that is taken from somebody, the contract with it rounded up; or why there is nothing to mend. */
export function mendRounding(compiled: Compiled, sources: Sources): readonly Mended[] | string {
  const faults = ownOf(compiled, functionsIn(compiled)).flatMap(faultsIn).slice(0, listMax);
  if (faults.length === 0)
    return "no quotient that is rounded down is taken from somebody's balance, burned, or added to a debt";
  const each = faults.map((fault) => mend(compiled, sources, [fault]));
  return faults.length === 1 ? each : [...each, mend(compiled, sources, faults)];
}

function mend(compiled: Compiled, sources: Sources, faults: readonly Fault[]): Mended {
  const edits = faults.map(({ quotient }) => roundedUp(compiled, sources, quotient));
  const needsCeil = faults.some(({ quotient }) => !quotient.isCall);
  const helper = needsCeil ? [member(compiled.output, contractOf(compiled), ceil)] : [];
  return {
    template: "rounding",
    functions: [...new Set(faults.map(({ name }) => name))],
    sources: edited(sources, [...edits, ...helper]),
  };
}

function roundedUp({ output }: Compiled, sources: Sources, { node, factors, divisor, isCall }: Quotient): SourceEdit {
  const text = (one: AstNode) => textOf(output, sources, one);
  if (!isCall) return replaced(output, node, `testudoCeil(${text(node.leftExpression as AstNode)}, ${text(divisor)})`);
  const rest = `mulmod(${[...factors, divisor].map(text).join(", ")})`;
  return replaced(output, node, `(${text(node)} + (${rest} > 0 ? 1 : 0))`);
}

/** Quotients in `one` that are taken from somebody, in place or by a variable of their own. */
function faultsIn(one: AstNode): readonly Fault[] {
  const nodes = nodesIn(one);
  const taken = nodes.flatMap(takenBy).map(bare);
  const names = new Set(taken.map((node) => node.referencedDeclaration as number | undefined));
  const found = nodes.flatMap((node) => {
    if (node.nodeType !== "VariableDeclarationStatement" || node.initialValue == null) return [];
    const [declared, ...more] = node.declarations as readonly (AstNode | null)[];
    if (declared == null || more.length > 0 || !names.has(declared.id)) return [];
    return quotientOf(node.initialValue as AstNode) ?? [];
  });
  return [...taken.flatMap((node) => quotientOf(node) ?? []), ...found]
    .filter(({ node, isRounded }) => !isRounded && typeOf(node) === "uint256")
    .map((quotient) => ({ name: one.name ?? "", quotient }));
}

/** What `node` takes from somebody's balance, burns, or adds to a debt. */
function takenBy(node: AstNode): readonly AstNode[] {
  if (node.nodeType === "FunctionCall" && burns.test(nameOf(node) ?? ""))
    return (node.arguments as readonly AstNode[]).slice(-1);
  if (node.nodeType !== "Assignment") return [];
  const left = node.leftHandSide as AstNode;
  const isTaken = node.operator === "-=" || (node.operator === "+=" && debts.test(nameOf(left) ?? ""));
  return isTaken && left.nodeType === "IndexAccess" ? [node.rightHandSide as AstNode] : [];
}
