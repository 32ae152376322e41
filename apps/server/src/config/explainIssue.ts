// Turns what zod found into a mistake that a person can act on.
import { redactUrlsIn } from "@testudo/chain/rpc/redactUrl";
import type { z } from "zod";
import type { Mistake, Place } from "./ConfigError.ts";
import { allowedKeysPrefix } from "./fields.ts";
import type { Path } from "./locate.ts";
import { looksSecret, quoted } from "./looksSecret.ts";
import { nearestOf } from "./nearestOf.ts";

type Issue = z.core.$ZodIssue;

/** The mistakes in `input` that `issues` speak of. `placeOf` finds the place of a path, `root` names the whole. */
export function explainIssues(
  issues: readonly Issue[],
  { input, placeOf, root }: { readonly input: unknown; readonly placeOf: (path: Path) => Place; readonly root: string },
): readonly Mistake[] {
  return issues.flatMap(flatten).flatMap((issue): readonly Mistake[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => unknownKey(key, issue, placeOf([...issue.path, key]), root));
    const value = valueAt(input, issue.path);
    return [
      {
        place: placeOf(issue.path),
        what: whatOf(issue, value, nameOf(issue.path, root)),
        allowed: allowedOf(issue),
        wayOut: wayOutOf(value, issue, root),
      },
    ];
  });
}

/** The mistakes in the parameters that a detector's `schema` refused. Their values are not known here. */
export function explainParameters(
  issues: readonly Issue[],
  placeOf: (path: Path) => Place,
  schema?: z.core.$ZodType,
): readonly Mistake[] {
  return issues.flatMap((issue): readonly Mistake[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        return unknownParameter(key, nameOf(path, "object"), placeOf(path), keysAt(schema, issue.path));
      });
    return [
      {
        place: placeOf(issue.path),
        what: `Detector parameter ${nameOf(issue.path, "object")} is refused.`,
        allowed: `${issue.message}.`,
        wayOut: "Correct it, or take it out to use the default.",
      },
    ];
  });
}

function unknownParameter(key: string, name: string, place: Place, keys: readonly string[] | undefined): Mistake {
  const near = nearestOf(key, keys ?? []);
  return {
    place,
    what: `Detector parameter ${name} is refused: there is none of that name.`,
    allowed:
      keys === undefined ? `Key "${key}" is not known here.` : `${allowedKeysPrefix}${keys.join(", ") || "none"}.`,
    wayOut: near === undefined ? `Take "${key}" out.` : `Did you mean "${near}"?`,
  };
}

/** The keys of the object at `path` within `schema`, where that can be told. */
function keysAt(schema: unknown, path: Path): readonly string[] | undefined {
  const shape = (schema as { shape?: Readonly<Record<PropertyKey, unknown>> } | undefined)?.shape;
  const [head, ...rest] = path;
  if (head === undefined) return shape === undefined ? undefined : Object.keys(shape);
  const element = (schema as { element?: unknown } | undefined)?.element;
  return keysAt(typeof head === "number" ? element : shape?.[head], rest);
}

/** Of a union, the branch that came furthest is what the author meant. */
function flatten(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((branch) =>
    branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
  );
  const depthOf = (branch: readonly Issue[]) =>
    Math.max(...branch.map((i) => i.path.length + (i.code === "unrecognized_keys" ? 1 : 0)));
  const best = branches.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a));
  return depthOf(best) > issue.path.length ? best.flatMap(flatten) : [issue];
}

function unknownKey(key: string, issue: Issue, place: Place, root: string): Mistake {
  const allowed = issue.message.startsWith(allowedKeysPrefix) ? issue.message : `Key "${key}" is not known here.`;
  const names = allowed.slice(allowedKeysPrefix.length, -1).split(", ");
  const near = nearestOf(key, names);
  return {
    place,
    what: `${issue.path.length === 0 ? root : nameOf(issue.path, root)} has the unknown key "${key}".`,
    allowed,
    wayOut: near === undefined ? `Take "${key}" out.` : `Did you mean "${near}"?`,
  };
}

const channelSecrets = ["secrets", "token", "signingSecret", "webhookUrl", "routingKey", "apiKey", "password"];
const secretKeys = [...channelSecrets, "relayToken", "header"];

function whatOf(issue: Issue, value: unknown, name: string): string {
  const said = issue.code === "custom" ? (issue.params?.what as string | undefined) : undefined;
  if (said !== undefined) return said;
  if (value === undefined) return `${name} is missing.`;
  // What was meant to be a secret may be one, and errors end up in logs.
  const isSecret = issue.path.some((part) => secretKeys.includes(part as string)) || isKeyedUrl(issue.path);
  return `${name} is ${isSecret ? "not shown" : quote(value)}.`;
}

// The key of a relay or a service stands in its URL, and one without a scheme is not known for a URL.
function isKeyedUrl(path: Path): boolean {
  return path.at(-1) === "url" && (path.at(-2) === "relay" || path[0] === "channels");
}

function allowedOf(issue: Issue): string {
  if (issue.message.startsWith(allowedKeysPrefix))
    return `Allowed: an object with ${issue.message.slice(allowedKeysPrefix.length)}`;
  // A policy's refusal brings its way out along, on a line of its own.
  const [allowed = ""] = issue.message.split("\n- ");
  return allowed;
}

function wayOutOf(value: unknown, issue: Issue, root: string): string {
  const own = issue.message.split("\n- ")[1];
  if (own !== undefined) return own;
  if (value === undefined) return `Add it: ${nameOf(issue.path, root)}.`;
  if (typeof value === "string" && /^-?\d+$/.test(value) && issue.code === "invalid_type")
    return `Write ${value} without quotes.`;
  return "Correct the value.";
}

function nameOf(path: Path, root: string): string {
  if (path.length === 0) return root;
  const name = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return `\`${name.replace(/^\./, "")}\``;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as { [k: PropertyKey]: unknown } | undefined)?.[key], input);
}

const quoteLimit = 80;

/** `value` for an error line, with its type where that is not plain to see. Credentials in URLs are left out. */
function quote(value: unknown): string {
  if (typeof value === "string") return looksSecret(value) ? quoted(value) : `"${cut(withoutKeys(value))}", a string`;
  if (typeof value === "bigint") return `${value}n, a bigint`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null)
    return `an object with ${Object.keys(value).join(", ") || "no keys"}`;
  return String(value);
}

function withoutKeys(text: string): string {
  return redactUrlsIn(text).replace(/\/\/[^/@\s]*@/, "//…@");
}

function cut(text: string): string {
  return text.length > quoteLimit ? `${text.slice(0, quoteLimit)}…` : text;
}
