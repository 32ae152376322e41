import { literalOf } from "../../config/literalOf.ts";
import type { OzSecret } from "./OzMonitor.ts";

/** Code that gives the value of `secret` in a configuration, and the value itself where it stood in the file. */
export function sourceOfSecret(
  secret: OzSecret,
  tell: (what: string) => void,
): { readonly code: string; readonly plain?: string; readonly variable?: string } {
  if (typeof secret === "string") return { code: literalOf(secret), plain: secret };
  const kind = secret.type.toLowerCase();
  if (kind === "plain") return { code: literalOf(secret.value), plain: secret.value };
  const variable = secret.value.toUpperCase().replace(/\W/g, "_");
  if (kind !== "environment")
    tell(`A secret of type "${secret.type}" is not fetched: put it into the environment as ${variable}.`);
  // It becomes code: a name and nothing else.
  const name = kind === "environment" ? secret.value.replace(/\W/g, "_") : variable;
  return { code: `env(${literalOf(name)})`, variable: name };
}
