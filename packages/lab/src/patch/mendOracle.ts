// A price that is no price, that is old, or that was made in this very block, is refused.
import { contractOf, functionsIn, lineOf, nameOf, ownOf, typeOf } from "./ContractTree.ts";
import type { Mended } from "./Mended.ts";
import { type AstNode, type Compiled, nodesIn, nodesOf, type Sources } from "./SolcOutput.ts";
import { after, edited, member, placeOf, replaced, type SourceEdit, textOf, unitsOf } from "./SourceEdit.ts";

const prices = /^_*(?:get|latest|read|fetch|current|spot|index|mark)?_?(?:\w*price\w*|answer|latestAnswer|\w*rate)$/i;
const clocks = /^(?:updatedAt|lastUpdated?|lastUpdatedAt|lastUpdateTime(?:stamp)?|latestTimestamp)$/;
// The heartbeats that Chainlink's feeds have, with a margin.
const oldest = [3_900, 90_000];
// Not in the block of the update, and ten minutes.
const delays = [1, 600];

/** A contract's reads of prices from outside, mended where they take whatever comes; or why there is nothing to mend. */
export function mendOracleSanity(compiled: Compiled, sources: Sources): readonly Mended[] | string {
  const functions = ownOf(compiled, functionsIn(compiled)).filter(
    (one) => readsOf(one).length + roundsOf(one).length > 0,
  );
  const names = functions.map(({ name = "" }) => name);
  if (functions.length === 0) return "no price is read from outside";
  const base = functions.flatMap(readsOf).flatMap((read) => nonzero(compiled, sources, read));
  const helper = member(compiled.output, contractOf(compiled), sane);
  const rounds = functions.flatMap(roundsOf);
  const isTimed = rounds.length > 0;
  return (isTimed ? oldest : [0]).map((seconds) => ({
    template: "oracle sanity" as const,
    functions: names,
    ...(isTimed ? { variant: `at most ${seconds} s old` } : {}),
    sources: edited(sources, [helper, ...base, ...rounds.flatMap((one) => timed(compiled, sources, one, seconds))]),
  }));
}

/** What the attack called, refused for a while from the update of a source that tells when that was; or why there is none. */
export function mendOracleDelay(
  compiled: Compiled,
  sources: Sources,
  attacked: readonly AstNode[],
): readonly Mended[] | string {
  const { output } = compiled;
  const reads = functionsIn(compiled).flatMap(readsOf);
  if (reads.length === 0) return "no price is read from outside";
  const known = new Set(lineOf(compiled).flatMap(({ nodes }) => (nodes as readonly AstNode[]).map(({ id }) => id)));
  const asked = reads.flatMap((read) => clockOf(compiled, sources, read, known) ?? []);
  const [clock] = asked;
  if (clock === undefined) return "no source of a price tells when it was updated, so nothing can wait for it";
  const functions = ownOf(compiled, attacked);
  if (functions.length === 0) return "the attack called nothing of the contract's own that writes";
  return delays.map((seconds) => {
    const guard = `modifier testudoSettled() { if (block.timestamp < ${clock} + ${seconds}) revert(); _; }`;
    const edits = functions.map((one) => after(output, one.parameters as AstNode, " testudoSettled"));
    return {
      template: "oracle delay" as const,
      functions: functions.map(({ name = "" }) => name),
      variant: `${seconds} s after the update`,
      sources: edited(sources, [...edits, member(output, contractOf(compiled), guard)]),
    };
  });
}

const sane =
  "function testudoSane(uint256 price) private pure returns (uint256) { if (price == 0) revert(); return price; } " +
  "function testudoSane(int256 price) private pure returns (int256) { if (price <= 0) revert(); return price; }";

/** Calls in `one` of another contract's view that answers one price. */
function readsOf(one: AstNode): readonly AstNode[] {
  return nodesIn(one).filter(
    (node) => isView(node) && prices.test(nameOf(node) ?? "") && /^u?int256$/.test(typeOf(node)),
  );
}

function isView(node: AstNode): boolean {
  const callee = node.expression as AstNode | undefined;
  return (
    node.nodeType === "FunctionCall" &&
    callee !== undefined &&
    /^function \(.*\) (?:view|pure) external/.test(typeOf(callee))
  );
}

function nonzero({ output }: Compiled, sources: Sources, read: AstNode): readonly SourceEdit[] {
  return [replaced(output, read, `testudoSane(${textOf(output, sources, read)})`)];
}

/** Declarations in `one` by `latestRoundData`, whose second value is the price and whose fourth the time of its update. */
function roundsOf(one: AstNode): readonly AstNode[] {
  return nodesIn(one).filter(({ nodeType, initialValue, declarations }) => {
    const isRound = nodeType === "VariableDeclarationStatement" && initialValue != null;
    if (!isRound || nameOf(initialValue as AstNode) !== "latestRoundData") return false;
    return (declarations as readonly (AstNode | null)[])[1] != null;
  });
}

/** The declaration with the update's time named, and both looked at before the price is used. */
function timed({ output }: Compiled, sources: Sources, round: AstNode, seconds: number): readonly SourceEdit[] {
  const declared = round.declarations as readonly (AstNode | null)[];
  const own = declared[3] ?? null;
  const at = own?.name ?? `testudoAt${round.id}`;
  const names = declared.map((one) => (one === null ? "" : textOf(output, sources, one)));
  if (own === null) names[3] = `uint256 ${at}`;
  const call = textOf(output, sources, round.initialValue as AstNode);
  const check = `if (${declared[1]!.name} <= 0 || block.timestamp > ${at} + ${seconds}) revert();`;
  // The statement's place ends before its semicolon.
  const { start, length } = placeOf(round);
  return [
    { unit: unitsOf(output)(round), at: start, length: length + 1, text: `(${names.join(", ")}) = ${call}; ${check}` },
  ];
}

/** How the source of `read` is asked for the time of its update; undefined where it has no such view, or stands in no variable. */
function clockOf(
  { output }: Compiled,
  sources: Sources,
  read: AstNode,
  known: ReadonlySet<number>,
): string | undefined {
  const source = (read.expression as AstNode).expression as AstNode | undefined;
  if (source?.nodeType !== "Identifier" || !known.has(source.referencedDeclaration as number)) return undefined;
  const type = /^(?:contract|interface) (\w+)$/.exec(typeOf(source))?.[1];
  const definition = nodesOf(output).find((one) => one.nodeType === "ContractDefinition" && one.name === type);
  const views = (definition?.nodes ?? []) as readonly AstNode[];
  const clock = views.find((one) => clocks.test(one.name ?? "") && isClock(one));
  return clock === undefined ? undefined : `${textOf(output, sources, source)}.${clock.name}()`;
}

function isClock(one: AstNode): boolean {
  if (one.nodeType === "VariableDeclaration") return one.visibility === "public" && typeOf(one).startsWith("uint");
  return one.nodeType === "FunctionDefinition" && one.stateMutability === "view";
}
