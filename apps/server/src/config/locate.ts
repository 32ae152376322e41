// Finds where a value stands in the text of a configuration, so that an error can name the line.
import { type Expression, type Node, type Program, parseSync, Visitor } from "oxc-parser";
import type { Place } from "./ConfigError.ts";

/** A parsed configuration file. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
}

export type Path = readonly PropertyKey[];

/** The place of the first syntax error of `text`, with its message; undefined when it parses. */
export function syntaxErrorOf(
  file: string,
  text: string,
): { readonly place: Place; readonly message: string } | undefined {
  const [error] = parseSync(file, text).errors;
  if (error === undefined) return undefined;
  return { place: placeAt({ file, text }, error.labels[0]?.start ?? 0), message: error.message };
}

export function parseSource(file: string, text: string): Source {
  return { file, text, program: parseSync(file, text).program };
}

/** Where the value at `path` of the default export stands: the key as far as it can be followed. */
export function placeOfValue(source: Source, path: Path): Place {
  const exported = source.program.body.find((node) => node.type === "ExportDefaultDeclaration");
  if (exported === undefined) return { file: source.file };
  const start = argumentOf(source, exported.declaration as Node, 0) ?? (exported.declaration as Node);
  return placeAt(source, follow(source, start, path).start);
}

/**
 * Where the value at `path` of argument `index` stands, in the call of `callee` that covers `line`; undefined when there
 * is no such call on that line.
 */
export function placeOfArgument(
  source: Source,
  callee: string,
  { line, index, path }: ArgumentPath,
): Place | undefined {
  const calls: Node[] = [];
  new Visitor({
    CallExpression(node) {
      const covers = lineAt(source.text, node.start) <= line && line <= lineAt(source.text, node.end);
      if (covers && node.callee.type === "Identifier" && node.callee.name === callee) calls.push(node);
    },
  }).visit(source.program);
  // The call that starts last is the innermost, or the last on its line.
  const call = calls.sort((a, b) => b.start - a.start)[0];
  if (call === undefined) return undefined;
  const argument = argumentOf(source, call, index);
  return placeAt(source, argument === undefined ? call.start : follow(source, argument, path).start);
}

interface ArgumentPath {
  readonly line: number;
  readonly index: number;
  readonly path: Path;
}

/** Goes down from `node` along `path`; stops at the deepest part that is written out. Returns the key, where there is one. */
function follow(source: Source, node: Node, path: Path): Node {
  const [head, ...rest] = path;
  const value = resolve(source, node);
  if (head === undefined) return node;
  if (value.type === "ObjectExpression") {
    const property = value.properties.find((p) => p.type === "Property" && keyOf(p.key as Node) === String(head));
    if (property?.type !== "Property") return node;
    return rest.length === 0 ? (property.key as Node) : follow(source, property.value, rest);
  }
  if (value.type === "ArrayExpression") {
    const element = value.elements[Number(head)];
    // Behind a spread the positions no longer agree with the text.
    const isShifted = value.elements.slice(0, Number(head) + 1).some((e) => e?.type === "SpreadElement");
    return element == null || isShifted ? node : follow(source, element as Node, rest);
  }
  return node;
}

/** What stands behind casts, parentheses and names of top-level constants. */
function resolve(source: Source, node: Node): Node {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return resolve(source, node.expression);
    case "Identifier": {
      const init = constantOf(source, node.name);
      return init === undefined || init === node ? node : resolve(source, init);
    }
    default:
      return node;
  }
}

function constantOf(source: Source, name: string): Expression | undefined {
  const declared = source.program.body.flatMap((node) =>
    node.type === "VariableDeclaration" ? node.declarations : [],
  );
  return declared.find((d) => d.id.type === "Identifier" && d.id.name === name)?.init ?? undefined;
}

function argumentOf(source: Source, node: Node, index: number): Node | undefined {
  const call = resolve(source, node);
  return call.type === "CallExpression" ? (call.arguments[index] as Node | undefined) : undefined;
}

/** The name that a key of an object, not a computed one, says. */
export function keyOf(key: Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function placeAt({ file, text }: { file: string; text: string }, offset: number): Place {
  const before = text.slice(0, offset);
  return { file, line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
