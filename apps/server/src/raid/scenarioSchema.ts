// What is declared about an attacker, in a file (docs/attack.md).
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { address, callData, list, strict, text, url, whole } from "../config/fields.ts";

import { chanceField, costError, costField } from "./powerTerms.ts";

const wad = 10n ** 18n;
const decimal = z
  .string({ error: 'Allowed: a decimal number as a text, such as "2000.5".' })
  .regex(/^\d{1,15}(\.\d{1,24})?$/, {
    error: 'Allowed: a decimal number as a text, such as "2000.5", of at most 15 digits before the point.',
  });
const amountWad = decimal.transform((value, context) => scaledOr(context, value, 18));
const word = z
  .string({ error: "Allowed: 32 bytes, 0x and 64 hexadecimal digits." })
  .regex(/^0x[0-9a-fA-F]{64}$/, { error: "Allowed: 32 bytes, 0x and 64 hexadecimal digits." })
  .transform((value) => value.toLowerCase() as Hex);
const contract = strict({
  name: text("a name"),
  address,
  abi: text("a file with an ABI, beside this one"),
  except: list(text("a function's name"), 0, 256, "functions that he does not call").default([]),
});

const asset = strict({
  name: text("a name"),
  token: address.optional(),
  decimals: whole(0, 24).default(18),
  price: amountWad,
  capital: decimal.default("0"),
}).transform(({ price, capital, token, ...rest }, context) => ({
  ...rest,
  ...(token === undefined ? {} : { token }),
  priceWad: price,
  capital: scaledOr(context, capital, rest.decimals),
}));

const call = strict({ from: address, to: address, input: callData });
const power = strict({
  name: text("what others do"),
  calls: list(call, 1, 16, "calls, each {from, to, input}"),
  seconds: whole(0, 31_536_000, "seconds").default(0),
  cost: z.union([amountWad, costField], { error: costError }).default(0n),
  probability: chanceField.default({ model: "always" }),
}).transform(({ cost, probability, ...rest }) => ({ ...rest, costWad: cost, chance: probability }));

const reaction = strict({
  name: text("what guardians do"),
  calls: list(call, 1, 16, "calls, each {from, to, input}"),
  after: whole(1, 31_536_000, "seconds after the attacker's first call"),
});

const integer = z
  .string({ error: "Allowed: a whole number as a text." })
  .regex(/^\d{1,77}$/, { error: "Allowed: a whole number as a text, of at most 77 digits." })
  .transform(BigInt);
const oneLimit = "Allowed: one of above and below.";
const figure = strict({
  name: text("what must not happen"),
  to: address,
  input: callData,
  word: whole(0, 255).default(0),
  above: integer.optional(),
  below: integer.optional(),
})
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), { error: oneLimit })
  .transform(({ above, below, ...rest }) => ({
    ...rest,
    breaks: above === undefined ? { below: below! } : { above },
  }));

export const scenarioSchema = strict({
  capsule: text("a capsule's file, beside this one").optional(),
  rpc: url(["http", "https"]).optional(),
  block: whole(0, Number.MAX_SAFE_INTEGER, "the number of a block").optional(),
  victim: address,
  unit: text("the unit of account, such as USD").default("USD"),
  contracts: list(contract, 1, 64, "contracts"),
  // What stands twice would count twice.
  assets: list(asset, 1, 16, "assets").superRefine((assets, context) => {
    const isOnce = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
    if (!isOnce(assets.map(({ name }) => name)) || !isOnce(assets.map(({ token }) => token)))
      context.addIssue({ code: "custom", message: "Allowed: each name and each token once." });
  }),
  accounts: whole(1, 4, "accounts").default(1),
  keys: list(address, 0, 16, "stolen keys").default([]),
  powers: list(power, 0, 16, "powers, each {name, calls}").default([]),
  guardians: list(reaction, 0, 16, "what guardians do, each {name, after, calls}").default([]),
  figures: list(figure, 0, 16, "figures").default([]),
  addresses: list(address, 0, 64, "addresses").default([]),
  words: list(word, 0, 64, "identifiers").default([]),
  mostSeconds: whole(0, 31_536_000, "seconds").default(3_600),
  least: amountWad.default(wad),
}).superRefine(({ capsule, rpc, block }, context) => {
  const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  if ((capsule === undefined) === (rpc === undefined))
    wrong("capsule", "Allowed: one of capsule (a recorded state) and rpc (a node that has it).");
  if (block !== undefined && rpc === undefined) wrong("block", "Allowed: beside rpc, whose block it is.");
});

/** `value` with `decimals` digits behind the point, as a whole number; an issue where it has more of them. */
function scaledOr(context: z.RefinementCtx, value: string, decimals: number): bigint {
  const [front, part = ""] = value.split(".");
  if (part.length > decimals)
    context.addIssue({ code: "custom", message: `Allowed: at most ${decimals} digits behind the point.` });
  return BigInt(front! + part.slice(0, decimals).padEnd(decimals, "0"));
}
