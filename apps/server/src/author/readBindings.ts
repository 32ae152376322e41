import { type Node, type Program, Visitor } from "oxc-parser";

/** A stretch of a text in which a name is one thing. */
export interface Binding {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** All that a program gives names to, by stretches: its parameters, variables, functions and classes. */
export function readBindings(program: Program): readonly Binding[] {
  const rooms: Span[] = [program];
  const bound: Binding[] = [];
  const declared: { readonly name: string; readonly at: Span }[] = [];
  const noteRoom = (node: Span) => void rooms.push(node);
  const noteFunction = (node: Span & { readonly params: unknown }) => {
    noteRoom(node);
    for (const name of (node.params as readonly Node[]).flatMap(namesIn))
      bound.push({ name, start: node.start, end: node.end });
  };
  const declare = (pattern: Node | null | undefined, at: Span) => {
    if (pattern != null) for (const name of namesIn(pattern)) declared.push({ name, at });
  };
  new Visitor({
    ArrowFunctionExpression: noteFunction,
    FunctionExpression: noteFunction,
    FunctionDeclaration(node) {
      noteFunction(node);
      declare(node.id, node);
    },
    ClassDeclaration: (node) => declare(node.id, node),
    VariableDeclarator: (node) => declare(node.id, node),
    CatchClause({ param, start, end }) {
      if (param) bound.push(...namesIn(param).map((name) => ({ name, start, end })));
    },
    BlockStatement: noteRoom,
    ForStatement: noteRoom,
    ForInStatement: noteRoom,
    ForOfStatement: noteRoom,
    SwitchStatement: noteRoom,
  }).visit(program);
  const roomOf = (at: Span) => innermost(rooms.filter((room) => room !== at && holds(room, at.start)))!;
  return [...bound, ...declared.map(({ name, at }) => ({ name, start: roomOf(at).start, end: roomOf(at).end }))];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

export function holds({ start, end }: Span, at: number): boolean {
  return start <= at && at < end;
}

/** The shortest of `spans`, of equals the first; undefined where there is none. */
export function innermost<S extends Span>(spans: readonly S[]): S | undefined {
  return spans.reduce<S | undefined>(
    (least, span) => (least === undefined || span.end - span.start < least.end - least.start ? span : least),
    undefined,
  );
}

/** The names that a pattern gives. */
function namesIn(pattern: Node): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : namesIn(element)));
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === "Property" ? property.value : property),
      );
    default:
      return [];
  }
}
