import type { SecretRef } from "./ChannelConfig.ts";
import type { PersonSettings } from "./Config.ts";
import { readSecret } from "./readSecret.ts";
import { UsageError } from "./UsageError.ts";

const leastLength = 32;

/**
 * The token that `ref` names, for `what`. Throws SecretMissing, FileExposed, or UsageError for one that is too short or that no header
 * holds: whoever has it could not show it.
 */
export function readToken(ref: SecretRef, what: string): string {
  const token = readSecret(ref, what);
  if (token.length < leastLength)
    throw new UsageError(
      `The ${what} has ${token.length} characters.`,
      `Allowed: ${leastLength} and more, so that guessing is hopeless.`,
      "Make one: openssl rand -hex 32",
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(
      `The ${what} holds a character that no header may.`,
      "Allowed: printable ASCII without blanks.",
      "Make one: openssl rand -hex 32",
    );
  return token;
}

/**
 * `people` with their tokens. Throws what `readToken` throws, and UsageError where two have the same one, or somebody that of the relay:
 * whoever relays transactions would speak for him.
 */
export function readPeople(
  people: readonly PersonSettings[],
  relayToken?: string,
): { readonly name: string; readonly token: string }[] {
  const read = people.map(({ name, token }) => ({ name, token: readToken(token, `token of "${name}"`) }));
  for (const { name, token } of read) {
    const first = read.find((other) => other.token === token)!;
    if (first.name === name && token !== relayToken) continue;
    const other = token === relayToken ? "the relay" : `"${first.name}"`;
    throw new UsageError(
      `The token of "${name}" is that of ${other} too.`,
      "Allowed: a token for each person: who has it, speaks in that name.",
      "Make another: openssl rand -hex 32",
    );
  }
  return read;
}
