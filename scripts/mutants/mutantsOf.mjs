// All ways in which one source can be broken by one change.
import { createHash } from "node:crypto";
import { operators } from "./operators.mjs";
import { parseSource } from "./parseSource.mjs";
import { calledName, isRefusal, textOf, walk } from "./syntax.mjs";

const firstRoles = ["timelock", "council"];

/**
 * The mutants of the source `text`, in the order of its lines: `{ id, module, file, line, operator, guards, start, end,
 * before, after }`, positions in bytes. `guards` is "access" where the line asks who calls, "limit" where it refuses an
 * amount or a time, else "other". The id is made of what the line says, so that it stays when other lines move.
 * `names` are the functions that exist, so that no call is renamed to one that does not.
 */
export function mutantsOf(file, text, names = new Set()) {
  const bytes = Buffer.from(text);
  const module = file.replace(/^.*\/|\.sol$/g, "");
  const tree = parseSource(text);
  const context = { bytes, names, roles: rolesOf(tree) };
  const found = [];
  walk(tree, (node, ancestors) => {
    for (const [operator, changesOf] of Object.entries(operators))
      for (const change of changesOf(node, context))
        found.push({ module, file, operator, guards: guardsOf(node, ancestors, bytes, operator), ...change });
  });
  found.sort((a, b) => a.start - b.start || a.end - b.end || (a.operator < b.operator ? -1 : 1));
  return withIds(found, bytes);
}

/** The source with the mutant's change in it. */
export function mutate(text, { start, end, after }) {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(after), bytes.subarray(end)]).toString("utf8");
}

/** Names of all functions that are declared in `texts`. */
export function functionNames(texts) {
  return new Set(texts.flatMap((text) => [...text.matchAll(/\bfunction\s+(\w+)/g)].map(([, name]) => name)));
}

// Addresses that never change, those first that most modules know.
function rolesOf(tree) {
  const roles = [];
  walk(tree, (node) => {
    const isRole = node.nodeType === "VariableDeclaration" && node.mutability === "immutable";
    if (isRole && node.typeName?.name === "address") roles.push(node.name);
  });
  return [...firstRoles.filter((name) => roles.includes(name)), ...roles.filter((name) => !firstRoles.includes(name))];
}

function guardsOf(node, ancestors, bytes, operator) {
  if (operator === "event" || operator === "rounding") return "other";
  const around = [...ancestors, node];
  const modifier = around.find(
    ({ nodeType }) => nodeType === "ModifierDefinition" || nodeType === "ModifierInvocation",
  );
  const statement = around.findLast((n) => isRefusal(n) || /^_?require/.test(calledName(n) ?? ""));
  // What a refusal tells of the caller says nothing of what it asks.
  const text = textOf(bytes, statement?.condition ?? statement ?? node);
  const asksWho = node.nodeType !== "VariableDeclaration" && /\bmsg\.sender\b|\bhasRole\(/.test(text);
  if (operator === "role" || asksWho) return "access";
  if (/^only/.test(modifier?.name ?? modifier?.modifierName?.name ?? "") && !statement) return "access";
  const limit = /[<>]|\b(MAX|MIN)_|^_?require(Time|Cap|Delay|Bounds|Limit)/.test(text);
  return limit && (statement || node.constant) ? "limit" : "other";
}

function withIds(found, bytes) {
  const times = new Map();
  return found.map((mutant) => {
    const before = bytes.subarray(mutant.start, mutant.end).toString("utf8");
    const key = [mutant.file, mutant.operator, lineAt(bytes, mutant.start).trim(), before, mutant.after].join("\0");
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 10);
    const id = `${mutant.module}-${mutant.operator}-${hash}${time > 1 ? `-${time}` : ""}`;
    return { id, ...mutant, before, line: lineNumber(bytes, mutant.start) };
  });
}

function lineAt(bytes, position) {
  const end = bytes.indexOf("\n", position);
  return bytes.subarray(bytes.lastIndexOf("\n", position - 1) + 1, end < 0 ? bytes.length : end).toString("utf8");
}

function lineNumber(bytes, position) {
  return bytes.subarray(0, position).toString("utf8").split("\n").length;
}
