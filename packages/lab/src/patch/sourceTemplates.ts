// Faults that a line or two mend, as edits of the source by its syntax tree.
import type { Hex } from "@testudo/core/model/Hex";
import { contractOf, ownOf, typeOf, writersOf } from "./ContractTree.ts";
import type { Declined, Mended, Template } from "./Mended.ts";
import { mendHealth } from "./mendHealth.ts";
import { mendOracleDelay, mendOracleSanity } from "./mendOracle.ts";
import { mendRounding } from "./mendRounding.ts";
import { mendVirtualShares } from "./mendVirtualShares.ts";
import type { AstNode, Compiled, Sources } from "./SolcOutput.ts";
import { after, edited, member, placeOf, type SourceEdit, unitsOf } from "./SourceEdit.ts";

/** What all templates together made, and which of them made nothing. */
export interface Mending {
  readonly mended: readonly Mended[];
  readonly declined: readonly Declined[];
}

const owners = /^_?(?:owner|admin|governance|governor|keeper|timelock)_?$/i;
const initialisers = /^_*(?:init|initiali[sz]e\w*|setup)$/i;

/** What the templates make of the functions that the attack called, by selector; `reenters` where it came back in. */
export function mendedSources(
  compiled: Compiled,
  sources: Sources,
  attacked: readonly Hex[],
  reenters: boolean,
): Mending {
  const functions = writersOf(compiled, attacked);
  const made: readonly (readonly [Template, readonly Mended[] | string])[] = [
    ["initialiser guard", mendInitialiser(compiled, sources, functions)],
    ["access check", mendAccess(compiled, sources, functions)],
    ["reentrancy guard", mendReentrancy(compiled, sources, ownOf(compiled, functions), reenters)],
    ["health check", mendHealth(compiled, sources, functions)],
    ["virtual shares", mendVirtualShares(compiled, sources)],
    ["oracle sanity", mendOracleSanity(compiled, sources)],
    ["oracle delay", mendOracleDelay(compiled, sources, functions)],
    ["rounding", mendRounding(compiled, sources)],
  ];
  return {
    mended: made.flatMap(([, result]) => (typeof result === "string" ? [] : result)),
    declined: made.flatMap(([template, why]) => (typeof why === "string" ? [{ template, why }] : [])),
  };
}

function mendInitialiser(compiled: Compiled, sources: Sources, functions: readonly AstNode[]) {
  const inits = functions.filter(({ name = "" }) => initialisers.test(name));
  if (inits.length === 0) return "the attack called no initialiser";
  return inits.map((one) => mend("initialiser guard", sources, one, compiled, shutAfterOnce));
}

function mendAccess(compiled: Compiled, sources: Sources, functions: readonly AstNode[]) {
  const owner = ownerOf(compiled);
  if (owner === undefined) return "the contract has no owner of its own";
  const open = functions.filter(isOpen);
  if (open.length === 0) return "all that the attack called has a modifier or compares who calls";
  return open.map((one) => mend("access check", sources, one, compiled, `if (msg.sender != ${owner}) revert();`));
}

function mendReentrancy(compiled: Compiled, sources: Sources, own: readonly AstNode[], reenters: boolean) {
  if (!reenters) return "the attack did not come back in";
  return own.length === 0
    ? "the attack called nothing of the contract's own that writes"
    : [guarded(sources, own, compiled)];
}

// A proxy that stands has been set up: whatever calls this now is not who did.
const shutAfterOnce = "if (address(this).code.length != 0) revert();";

function mend(template: Template, sources: Sources, one: AstNode, { output }: Compiled, statement: string): Mended {
  const { start } = placeOf(one.body as AstNode);
  const edit: SourceEdit = { unit: unitsOf(output)(one), at: start + 1, text: ` ${statement}` };
  return { template, functions: [one.name ?? ""], sources: edited(sources, [edit]) };
}

/** A lock that lives for the transaction alone takes no slot; it is the same for all functions that have it. */
function guarded(sources: Sources, functions: readonly AstNode[], compiled: Compiled): Mended {
  const lock =
    "modifier testudoLocked() { assembly { if tload(0x7e57d0) { revert(0, 0) } tstore(0x7e57d0, 1) } _; " +
    "assembly { tstore(0x7e57d0, 0) } }";
  const edits = functions.map((one) => after(compiled.output, one.parameters as AstNode, " testudoLocked"));
  return {
    template: "reentrancy guard",
    functions: functions.map((one) => one.name ?? ""),
    sources: edited(sources, [...edits, member(compiled.output, contractOf(compiled), lock)]),
  };
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

function ownerOf(compiled: Compiled): string | undefined {
  const members = contractOf(compiled).nodes as readonly AstNode[];
  return members.find(
    (one) => one.nodeType === "VariableDeclaration" && owners.test(one.name ?? "") && typeOf(one) === "address",
  )?.name;
}
