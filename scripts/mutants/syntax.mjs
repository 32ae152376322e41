// Questions to solc's syntax tree. Positions in it are bytes, so that the text is a Buffer here.

/** Start and end of a node in bytes. */
export function rangeOf(node) {
  const [start, length] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** What a node says in `bytes`. */
export function textOf(bytes, node) {
  const { start, end } = rangeOf(node);
  return bytes.subarray(start, end).toString("utf8");
}

/** Calls `visit(node, ancestors)` for each node, nearest ancestor last. */
export function walk(node, visit, ancestors = []) {
  visit(node, ancestors);
  const within = [...ancestors, node];
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (child?.nodeType) walk(child, visit, within);
}

/** Whether the node is `if (…) revert …;` without an else. */
export function isRefusal(node) {
  return node?.nodeType === "IfStatement" && !node.falseBody && isRevert(node.trueBody);
}

function isRevert(body) {
  if (body.nodeType === "Block") return body.statements.length === 1 && isRevert(body.statements[0]);
  return body.nodeType === "RevertStatement" || calledName(body) === "revert";
}

/** The name of the function that a statement calls and does nothing else, such as `_requireTime`. */
export function calledName(node) {
  if (node?.nodeType !== "ExpressionStatement" || node.expression.nodeType !== "FunctionCall") return undefined;
  return node.expression.expression.name;
}

/** Whether the node is `msg.sender`. */
export function isSender(node) {
  return node.nodeType === "MemberAccess" && node.memberName === "sender" && node.expression.name === "msg";
}
