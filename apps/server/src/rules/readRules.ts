import { relative } from "node:path";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { ConfigError, type Mistake, type Place } from "../config/ConfigError.ts";
import { explainIssues } from "../config/explainIssue.ts";
import { readTextWithin } from "../config/readFileWithin.ts";
import { compileRule, type Rule, RuleMalformed } from "./compileRule.ts";
import { type RulesFile, rulesSchema } from "./rulesSchema.ts";

/** A rules file as it lies on disk. Throws RulesMissing. */
export function readRulesText(file: string): string {
  try {
    return readTextWithin(file);
  } catch (cause) {
    throw new RulesMissing(shownAs(file), cause as NodeJS.ErrnoException);
  }
}

/** The detectors that the rules in `text` say (YAML or JSON). Throws RulesInvalid, which names file, line and column. */
export function readRules(file: string, text: string): readonly DetectorUse[] {
  const source = openSource(shownAs(file), text);
  const checked = rulesSchema.safeParse(source.value);
  if (checked.success) {
    const mistakes: Mistake[] = [];
    const all = checked.data.rules.map((_, i) => i);
    const detectors = compileRules({ file: checked.data, source, indices: all }, mistakes);
    if (mistakes.length > 0) throw new RulesInvalid(mistakes);
    return detectors;
  }
  const { issues } = checked.error;
  const { value: input, placeOf } = source;
  const told = explainIssues(issues, { input, placeOf, root: "The rules file" });
  throw new RulesInvalid([...told, ...mistakesBeside(issues, source)]);
}

/** What is wrong with those rules that `issues` do not speak of: who corrects the others shall hear of these as well. */
function mistakesBeside(issues: readonly z.core.$ZodIssue[], source: Source): readonly Mistake[] {
  const bad = new Set(issues.map(({ path: [key, index] }) => (key === "rules" ? index : undefined)));
  const { rules } = (source.value ?? {}) as { readonly rules?: unknown };
  if (bad.has(undefined) || !Array.isArray(rules)) return [];
  const indices = rules.map((_, i) => i).filter((i) => !bad.has(i));
  const rest = rulesSchema.safeParse({ ...(source.value as object), rules: indices.map((i) => rules[i]) });
  const mistakes: Mistake[] = [];
  if (rest.success) compileRules({ file: rest.data, source, indices }, mistakes);
  return mistakes;
}

/** Rules whose form is right. `indices`: where each stands in its file. */
interface FormedRules {
  readonly file: RulesFile;
  readonly source: Source;
  readonly indices: readonly number[];
}

/** The detectors of `formed`; what cannot be compiled is added to `mistakes`. */
function compileRules(formed: FormedRules, mistakes: Mistake[]): readonly DetectorUse[] {
  const { file, source, indices } = formed;
  return file.rules.flatMap((settings, i): DetectorUse[] => {
    const [at, first] = [indices[i]!, file.rules.findIndex(({ id }) => id === settings.id)];
    if (first < i) {
      mistakes.push({
        place: source.placeOf(["rules", at, "id"]),
        what: `\`rules[${at}].id\` is "${settings.id}" again.`,
        allowed: "Allowed: each id once; memory and alerts hang on it.",
        wayOut: `Give it another id than \`rules[${indices[first]}]\`.`,
      });
      return [];
    }
    const rule = ruleOf(formed, i, mistakes);
    if (rule === undefined) return [];
    try {
      return [compileRule(rule)];
    } catch (error) {
      mistakes.push(mistakeOf(error, source, at));
      return [];
    }
  });
}

interface Source {
  readonly value: unknown;
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

function openSource(file: string, text: string): Source {
  const lines = new LineCounter();
  // Failsafe: every scalar is text. Read as a number an address would lose its last digits.
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: "failsafe",
    prettyErrors: false,
    uniqueKeys: true,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const mistakes = document.errors.map(
    (error): Mistake => ({
      place: placeAt(error.pos[0]),
      what: `does not parse: ${error.message}`,
      allowed: "Allowed: YAML or JSON.",
      wayOut: "Correct this line.",
    }),
  );
  visit(document, {
    Pair: (_, { key }) => {
      // What reads objects leaves it out without a word.
      if (!isScalar(key) || key.value !== "__proto__") return;
      mistakes.push({
        place: placeAt(key.range?.[0] ?? 0),
        what: 'has the key "__proto__".',
        allowed: "Allowed: any other name.",
        wayOut: "Rename it.",
      });
    },
  });
  if (mistakes.length > 0) throw new RulesInvalid(mistakes);
  return { value: valueOfDocument(document, file), placeOf: (path) => placeAt(offsetOf(document, path)) };
}

function valueOfDocument(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const what = `cannot be read: ${error instanceof Error ? error.message : error}.`;
    const allowed = /^Unresolved alias/.test(error instanceof Error ? error.message : "")
      ? "Allowed: *name of a value that stands above it with the anchor &name."
      : "Allowed: at most 100 values by alias.";
    throw new RulesInvalid([{ place: { file }, what, allowed, wayOut: "Write the values out." }]);
  }
}

/** Where the value at `path` begins, or the nearest thing around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function ruleOf({ file, source, indices }: FormedRules, i: number, mistakes: Mistake[]): Rule | undefined {
  const { defaults } = file;
  const settings = file.rules[i]!;
  const at = indices[i]!;
  const rule = { ...defaults, ...withoutUndefined(settings) };
  for (const field of ["severity", "owner", "runbook"] as const) {
    if (rule[field] !== undefined) continue;
    mistakes.push({
      place: source.placeOf(["rules", at]),
      what: `\`rules[${at}].${field}\` is missing.`,
      allowed: `Needed: ${field}, here or in \`defaults\`.`,
      wayOut: `Add it: \`rules[${at}].${field}\`.`,
    });
  }
  return rule.severity && rule.owner && rule.runbook ? (rule as Rule) : undefined;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

function mistakeOf(error: unknown, source: Source, i: number): Mistake {
  if (!(error instanceof RuleMalformed)) {
    const [what = "", allowed = "See the rule.", wayOut = "Correct it."] = String((error as Error).message).split(
      "\n- ",
    );
    return { place: source.placeOf(["rules", i]), what, allowed, wayOut };
  }
  const { path, what, allowed, at } = error;
  const field = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  const column = at === undefined ? "" : ` (column ${at + 1} of the expression)`;
  return {
    place: source.placeOf(["rules", i, ...path]),
    what: `\`rules[${i}]${field}\`: ${what}${column}`,
    allowed,
    wayOut: "Correct the value.",
  };
}

function shownAs(file: string): string {
  const inside = relative(process.cwd(), file);
  return inside === "" || inside.startsWith("..") ? file : inside;
}

/** There is no rules file. */
export class RulesMissing extends ConfigError {
  override readonly name = "RulesMissing";
  constructor(file: string, cause: NodeJS.ErrnoException) {
    super(
      [
        {
          place: { file },
          what: `cannot be read: ${cause.code ?? cause.message}.`,
          allowed: "A rules file is YAML or JSON with a list `rules`.",
          wayOut: "Correct `rules` in the configuration, or take it out.",
        },
      ],
      cause,
    );
  }
}

/** Rules that cannot be used. */
export class RulesInvalid extends ConfigError {
  override readonly name = "RulesInvalid";
}
