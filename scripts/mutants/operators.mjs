// The ways of breaking a line. Each takes a node of the syntax tree and gives the changes that it makes there, as
// `{ start, end, after }` in bytes.
import { calledName, isRefusal, isSender, rangeOf, textOf } from "./syntax.mjs";

const opposite = { "<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "==" };
const neighbour = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** By name, in the order of the report. */
export const operators = { comparison, boundary, check, rounding, event, role };

/** Turns a comparison round. */
function comparison(node) {
  return opposite[node.operator] ? [withOperator(node, opposite[node.operator])] : [];
}

/** Lets a comparison take one more or one less, and a constant limit be one larger or smaller. */
function boundary(node, { bytes }) {
  if (neighbour[node.operator] && node.nodeType === "BinaryOperation")
    return [withOperator(node, neighbour[node.operator])];
  if (!isLimit(node)) return [];
  const value = textOf(bytes, node.value);
  return ["+", "-"].map((sign) => ({ ...rangeOf(node.value), after: `(${value}) ${sign} 1` }));
}

// How much gas a view may take is no limit that anyone meets to the unit.
function isLimit(node) {
  return node.nodeType === "VariableDeclaration" && node.constant && /^(MAX|MIN)_/.test(node.name) && node.value;
}

/** Drops a refusal, a call of a `_require…` function, or the modifier that asks who calls. */
function check(node, { bytes }) {
  const name = calledName(node) ?? "";
  if (isRefusal(node) || /^_?require/.test(name)) return [without(node, bytes)];
  const taken = node.nodeType === "ModifierInvocation" && /^(only|when)/.test(node.modifierName.name);
  return taken ? [{ ...rangeOf(node), after: "" }] : [];
}

/** Rounds the other way: the argument, the function of the same name, `ceilDiv`, `mulDiv` and plain division. */
function rounding(node, { bytes, names }) {
  const range = rangeOf(node);
  if (node.nodeType === "MemberAccess" && /^(Ceil|Floor)$/.test(node.memberName)) {
    const other = node.memberName === "Ceil" ? "Floor" : "Ceil";
    return [{ start: range.end - node.memberName.length, end: range.end, after: other }];
  }
  if (node.nodeType === "FunctionCall") return roundedCall(node, bytes, names);
  if (node.nodeType !== "BinaryOperation" || node.operator !== "/") return [];
  const [left, right] = [node.leftExpression, node.rightExpression].map((side) => textOf(bytes, side));
  return [{ ...range, after: `(((${left}) + (${right}) - 1) / (${right}))` }];
}

function roundedCall(node, bytes, names) {
  const range = rangeOf(node);
  const called = node.expression;
  const name = called.memberName ?? called.name ?? "";
  const args = node.arguments.map((argument) => textOf(bytes, argument));
  if (name === "ceilDiv") return [{ ...range, after: `((${args[0]}) / (${args[1]}))` }];
  // `a.mulDiv(b, c)` has two arguments, `Math.mulDiv(a, b, c)` three; one more says how to round.
  const plain = called.expression?.name === "Math" ? 3 : 2;
  if (name === "mulDiv" && args.length === plain)
    return [{ start: range.end - 1, end: range.end, after: ", Math.Rounding.Ceil)" }];
  const other = name.replace(/(Up|Down)$/, (end) => (end === "Up" ? "Down" : "Up"));
  if (other === name || !names.has(other)) return [];
  const { end } = rangeOf(called);
  return [{ start: end - name.length, end, after: other }];
}

/** Says nothing of what happened. */
function event(node, { bytes }) {
  return node.nodeType === "EmitStatement" ? [without(node, bytes)] : [];
}

/** Lets another account do it: in a modifier's argument, beside `msg.sender`, and where a role is named. */
function role(node, { bytes, roles }) {
  const asked =
    node.nodeType === "ModifierInvocation"
      ? (node.arguments ?? [])
      : node.nodeType === "BinaryOperation"
        ? besideSender(node)
        : node.nodeType === "FunctionCall" && /^(hasRole|_grantRole|_checkRole)$/.test(node.expression.name ?? "")
          ? node.arguments
          : [];
  return asked.flatMap((side) => {
    const other = otherRole(textOf(bytes, side), roles);
    return other ? [{ ...rangeOf(side), after: other }] : [];
  });
}

function besideSender(node) {
  if (node.operator !== "==" && node.operator !== "!=") return [];
  const sides = [node.leftExpression, node.rightExpression];
  return sides.some(isSender) ? sides.filter((side) => !isSender(side)) : [];
}

function otherRole(name, roles) {
  if (name === "CANCELLER_ROLE") return "PROPOSER_ROLE";
  if (/^[A-Z]+_ROLE$/.test(name)) return "CANCELLER_ROLE";
  if (name !== "address(this)" && !roles.includes(name)) return undefined;
  return roles.find((other) => other !== name) ?? (name === "address(this)" ? undefined : "address(this)");
}

// The semicolon goes with the statement: Solidity knows no empty one.
function without(node, bytes) {
  const { start, end } = rangeOf(node);
  return { start, end: bytes[end] === 0x3b ? end + 1 : end, after: "{}" };
}

function withOperator(node, operator) {
  return { start: rangeOf(node.leftExpression).end, end: rangeOf(node.rightExpression).start, after: ` ${operator} ` };
}
