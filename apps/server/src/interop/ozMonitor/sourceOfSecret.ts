import { isLoopback } from "../../config/channelSchema.ts";
import { literalOf } from "../../config/literalOf.ts";
import { ozSecretSchema } from "./OzMonitor.ts";
import { isVariable, variableOf } from "./variableOf.ts";

type Tell = (what: string) => void;

/** Where a value is: it stood in the file as `plain`, or is to be put into the environment as `variable`. */
export type SecretSource = { readonly plain: string } | { readonly variable: string };

/** Where `secret` is; as `own` where the file names no variable for it. What a person has to do is told. */
export function sourceOfSecret(secret: unknown, own: string, tell: Tell): SecretSource {
  const { success, data } = ozSecretSchema.safeParse(secret);
  if (!success) {
    tell(`It is no secret of a known form: put it into the environment as ${own}.`);
    return { variable: own };
  }
  if (typeof data === "string") return { plain: data };
  const kind = data.type.toLowerCase();
  if (kind === "plain") return { plain: data.value };
  // What is no name may be the secret itself, written in the wrong place.
  if (kind === "environment" && isVariable(data.value)) return { variable: data.value };
  const named = kind === "hashicorpcloudvault" && /^[A-Za-z_][\w-]{0,63}$/.test(data.value);
  const variable = named ? variableOf(data.value) : own;
  tell(
    kind === "environment"
      ? `It names no variable: put the value into the environment as ${variable}.`
      : `A secret of this type is not fetched: put it into the environment as ${variable}.`,
  );
  return { variable };
}

/** The variable that holds `secret`, which does not go into the configuration wherever it stood. */
export function variableOfSecret(secret: unknown, own: string, tell: Tell): string {
  const source = sourceOfSecret(secret, own, tell);
  if ("variable" in source) return source.variable;
  tell(`The secret stood in the file and is not written again: put it into the environment as ${own}.`);
  return own;
}

/** Code that gives the URL of `secret`: itself where nothing in it can be a key, and else the variable `own`. */
export function codeOfUrl(secret: unknown, own: string, tell: Tell): string {
  const source = sourceOfSecret(secret, own, tell);
  if ("variable" in source) return `env(${literalOf(source.variable)})`;
  if (isOpen(source.plain)) return literalOf(source.plain);
  tell(
    `The URL stood in the file and is not written again, for it may hold a key: put it into the environment as ${own}.`,
  );
  return `env(${literalOf(own)})`;
}

// Shorter than any service's keys.
const longestOpenPart = 15;

/** Whether `text` is a URL of this machine without anything that could be a key. */
function isOpen(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash, pathname } = new URL(text);
  return (
    /^https?:$/.test(protocol) &&
    isLoopback(hostname) &&
    username + password + search + hash === "" &&
    pathname.split("/").every((part) => part.length <= longestOpenPart)
  );
}
