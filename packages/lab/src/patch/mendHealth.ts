// A check of the caller's health once the operation is done, by the contract's own view of it.
import { contractOf, functionsIn, nameOf, ownOf, typeOf } from "./ContractTree.ts";
import type { Mended } from "./Mended.ts";
import { type AstNode, type Compiled, nodesIn, type Sources } from "./SolcOutput.ts";
import { after, edited, member } from "./SourceEdit.ts";

// Yes or no; what says the opposite, such as `isLiquidatable`, is not among them.
const answers =
  /^_*(?:is|are|has)?_?(?:healthy|solvent|safe|(?:well|fully)?_?collaterali[sz]ed|(?:enough|sufficient)\w*)$/i;
const refuses =
  /^_*(?:require|check|assert|ensure|validate)_?\w*(?:health|solven|collateral|margin|liquidity|safe|value)\w*$/i;

/** Of each function that the attack called and that leaves health unasked, the contract with the question; or why none. */
export function mendHealth(
  compiled: Compiled,
  sources: Sources,
  attacked: readonly AstNode[],
): readonly Mended[] | string {
  const checks = functionsIn(compiled).flatMap((one) => checkOf(compiled, one) ?? []);
  const [check] = checks;
  if (check === undefined) return "the contract has no view of its own that tells whether one account is healthy";
  const named = checks.map(({ name }) => name);
  const functions = ownOf(compiled, attacked).filter((one) => !asks(one, named));
  if (functions.length === 0) return `all that the attack called asks for health already (${named.join(", ")})`;
  const each = functions.map((one) => mend(compiled, sources, [one], check.statement));
  return functions.length === 1 ? each : [...each, mend(compiled, sources, functions, check.statement)];
}

interface Check {
  readonly name: string;
  readonly statement: string;
}

/** `one` as a question for the caller's health; undefined where it is none. */
function checkOf(compiled: Compiled, one: AstNode): Check | undefined {
  const { name = "", stateMutability, visibility, scope } = one;
  const [account, ...more] = parametersOf(one, "parameters");
  const results = parametersOf(one, "returnParameters").map(typeOf);
  if (stateMutability !== "view" || account === undefined || more.length > 0) return undefined;
  if (typeOf(account) !== "address" || (visibility === "private" && scope !== contractOf(compiled).id))
    return undefined;
  const call = `${visibility === "external" ? "this." : ""}${name}(msg.sender)`;
  if (answers.test(name) && results.join() === "bool") return { name, statement: `if (!${call}) revert();` };
  return refuses.test(name) && results.length === 0 ? { name, statement: `${call};` } : undefined;
}

function parametersOf(one: AstNode, list: "parameters" | "returnParameters"): readonly AstNode[] {
  return (one[list] as { readonly parameters: readonly AstNode[] }).parameters;
}

function asks(one: AstNode, names: readonly string[]): boolean {
  return nodesIn(one).some((node) => node.nodeType === "FunctionCall" && names.includes(nameOf(node) ?? ""));
}

function mend(
  { output, ...rest }: Compiled,
  sources: Sources,
  functions: readonly AstNode[],
  statement: string,
): Mended {
  // As a modifier it is asked whichever way the function returns.
  const guard = `modifier testudoHealthy() { _; ${statement} }`;
  const edits = functions.map((one) => after(output, one.parameters as AstNode, " testudoHealthy"));
  return {
    template: "health check",
    functions: functions.map(({ name = "" }) => name),
    sources: edited(sources, [...edits, member(output, contractOf({ output, ...rest }), guard)]),
  };
}
