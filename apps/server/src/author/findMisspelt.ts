// What the compiler says of a detector to whoever asks it: a file of detectors is loaded without its types. A name that is not there
// is `undefined`, with which every comparison is false, so that the detector would be silent for ever.
import { type Node, parseSync, Visitor } from "oxc-parser";
import type { BookedContract, ContractBook } from "./ContractBook.ts";
import { type Binding, holds, innermost, readBindings } from "./readBindings.ts";

/** What the handlers of a detector may name. */
export interface Nameable {
  /** Undefined where its parameters are not a plain object. */
  readonly params: readonly string[] | undefined;
  readonly book: ContractBook;
}

/** A name that is not there, as it is written, and those that are. */
export interface Misspelt {
  readonly written: string;
  readonly known: readonly string[];
}

/**
 * The first name in the text of `setup` that is read of the parameters, or by a handler of its `c.event.args`, `c.frame.args` or
 * `c.read`, and that is not there. Only handlers that are written out in the calls of `app` are looked at, and only text that parses.
 */
export function findMisspelt(setup: string, nameable: Nameable): Misspelt | undefined {
  const places = placesOf(nameable);
  for (const { within, names } of chainsIn(setup)) {
    const path = [...within, ...names.slice(1)];
    for (const [depth, name] of path.entries()) {
      const known = places.get(path.slice(0, depth).join("."));
      // What every object has is no mistake.
      if (known !== undefined && !known.includes(name) && !(name in {}))
        return { written: names.slice(0, depth - within.length + 2).join("."), known };
    }
  }
  return undefined;
}

/** What may follow, by what stands before it. */
function placesOf({ params, book }: Nameable): ReadonlyMap<string, readonly string[]> {
  const contracts = [...book.values()];
  const functions = contracts.flatMap((contract) => [...contract.functions.values()]);
  const events = contracts.flatMap((contract) => [...contract.events.values()]);
  return new Map([
    ...(params === undefined ? [] : [["p", params] as const]),
    ["event.args", events.flatMap(({ inputs }) => inputs.flatMap(({ name }) => name || []))],
    ["frame.args", functions.flatMap(({ inputs }) => inputs.flatMap(({ name }) => name || []))],
    ["read", contracts.map(({ name }) => name)],
    ...contracts.map((contract) => [`read.${contract.name}`, viewsOf(contract)] as const),
  ]);
}

function viewsOf({ functions }: BookedContract): readonly string[] {
  return [...functions.values()].flatMap(({ name, stateMutability }) =>
    stateMutability === "view" || stateMutability === "pure" ? name : [],
  );
}

/** A name that stands for what a handler is given, or for a part of it (`within`). */
interface Scope extends Binding {
  readonly within: readonly string[];
}

/** A `c.a.b` as its names, the first of which is a scope's. */
interface Chain {
  readonly names: readonly string[];
  readonly within: readonly string[];
}

// The rules of a file are one text, many times.
let last: { readonly setup: string; readonly chains: readonly Chain[] } | undefined;

function chainsIn(setup: string): readonly Chain[] {
  if (last?.setup !== setup) last = { setup, chains: readChains(setup) };
  return last.chains;
}

function readChains(setup: string): readonly Chain[] {
  // As a function, or as a method in short form.
  const program = [`(${setup})`, `({${setup}})`]
    .map((text) => parseSync("setup.js", text))
    .find(({ errors }) => errors.length === 0)?.program;
  if (program === undefined) return [];
  const scopes: Scope[] = [];
  const found: { readonly names: readonly string[]; readonly start: number }[] = [];
  let app: string | undefined;
  const noteSetup = ({
    params,
    start,
    end,
  }: {
    readonly params: unknown;
    readonly start: number;
    readonly end: number;
  }) => {
    // The outermost function comes first.
    if (app !== undefined) return;
    const [first, second] = (params as readonly Node[]).map(nameOf);
    app = first ?? "";
    if (second !== undefined) scopes.push({ name: second, within: ["p"], start, end });
  };
  new Visitor({
    FunctionExpression: noteSetup,
    ArrowFunctionExpression: noteSetup,
    CallExpression({ callee, arguments: given }) {
      if (callee.type !== "MemberExpression" || nameOf(callee.object) !== app) return;
      for (const handler of given) {
        if (handler.type !== "ArrowFunctionExpression" && handler.type !== "FunctionExpression") continue;
        const [name] = (handler.params as readonly Node[]).map(nameOf);
        if (name !== undefined) scopes.push({ name, within: [], start: handler.start, end: handler.end });
      }
    },
    MemberExpression(node) {
      const names = namesOf(node);
      if (names !== undefined) found.push({ names, start: node.start });
    },
  }).visit(program);
  const named: readonly (Binding & Partial<Scope>)[] = [...scopes, ...readBindings(program)];
  return found.flatMap(({ names, start }) => {
    // The innermost decides what a name means: a `p` of the author's own is no parameter.
    const within = innermost(named.filter(({ name, ...span }) => name === names[0] && holds(span, start)))?.within;
    return within === undefined ? [] : { names, within };
  });
}

function nameOf(node: Node | undefined): string | undefined {
  return node?.type === "Identifier" ? node.name : undefined;
}

/** `["c", "p", "x"]` for `c.p.x`; undefined where it does not begin with a name or a part of it is computed. */
function namesOf(node: Node): readonly string[] | undefined {
  if (node.type === "Identifier") return [node.name];
  if (node.type === "ChainExpression") return namesOf(node.expression);
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return undefined;
  const before = namesOf(node.object);
  return before === undefined ? undefined : [...before, node.property.name];
}
