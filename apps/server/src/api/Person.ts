// Who a request speaks for. The server's token stands for the machine: it may name anybody who has no token. A person's own token is a name.
import { isSameName } from "@testudo/core/model/FalseAlarm";
import type { MiddlewareHandler } from "hono";
import { carries, requireToken } from "./guard.ts";

/** Somebody with a token of his own. */
export interface Person {
  readonly name: string;
  readonly token: string;
}

// What people say of findings and proposals; everything else is the server's to let in.
const ownWords = /^\/(findings\/[^/]+\/(acknowledge|resolve|review)|actions\/[^/]+\/approvals)$/;

/** Lets requests pass that carry the server's token, or a person's where they are that person's own words. */
export function requireSpeaker(token: string, people: readonly Person[]): MiddlewareHandler {
  const ofServer = requireToken([token]);
  const ofAny = requireToken(
    [token, ...people.map((person) => person.token)],
    "the server's token, or one of your own",
  );
  return (c, next) => (ownWords.test(c.req.path) ? ofAny : ofServer)(c, next);
}

/** Why a request may not speak as it does. */
export interface Unspoken {
  readonly status: 400 | 403;
  readonly code: "request" | "person";
  readonly message: string;
}

/**
 * In whose name a request speaks that carries `header`, `said` being the name in its body. `settles`: where people have tokens, one of
 * theirs is needed, since two names over one token are one person.
 */
export function speakerOf(
  header: string | undefined,
  people: readonly Person[],
  said: string | undefined,
  settles: boolean,
): { readonly actor: string } | Unspoken {
  const person = people.find(({ token }) => carries(header, token));
  if (person !== undefined)
    return said === undefined || isSameName(said, person.name) ? { actor: person.name } : foreign(person.name, said);
  if (settles && people.length > 0) return unproved;
  if (said === undefined) return unnamed;
  const own = people.find(({ name }) => isSameName(name, said));
  return own === undefined ? { actor: said } : borrowed(own.name);
}

const unnamed: Unspoken = { status: 400, code: "request", message: "The request is malformed.\n- actor: Say who." };
const unproved: Unspoken = {
  status: 403,
  code: "person",
  message:
    "This needs a person's own token: the server's proves no name.\n- `people` of the configuration says who has one.",
};

// Whoever has a token has it so that what stands under his name was said by him.
function borrowed(name: string): Unspoken {
  const message = `"${name}" has a token of his own, and this is the server's.\n- Speak with that token (TESTUDO_TOKEN), or in another name (--as).`;
  return { status: 403, code: "person", message };
}

function foreign(name: string, said: string): Unspoken {
  const message = `The token is that of "${name}", and the request speaks for "${said}".\n- Leave \`actor\` out, or use the other token.`;
  return { status: 403, code: "person", message };
}
