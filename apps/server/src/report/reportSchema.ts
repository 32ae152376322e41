// The edge of reports: HTTP and files alike.
import { z } from "@hono/zod-openapi";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { ReportDraft } from "@testudo/core/model/Report";

/** Characters of a sealed attachment: that of a few calls, for 32 guardians with the longest keys there are. */
export const sealedLimit = 131_072;
/** Characters of a title. */
export const titleLimit = 300;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, "Allowed: 0x and 64 lower-case hexadecimal digits.");
const wholeNumber = z
  .string()
  .regex(/^(0|[1-9]\d{0,76})$/, "Allowed: a whole number, not below zero, as a decimal string of at most 77 digits.");
// An escape or a bidirectional override would rewrite what a person reads (DELIV-04).
const title = z
  .string()
  .min(1)
  .max(titleLimit)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+$/u, "Allowed: one line, without control and format characters.")
  .refine((text) => !/[0-9a-f]{65}/i.test(text), "Calldata does not belong into a title: seal it.");

/** A report as JSON says it: amounts and numbers as decimal strings. */
export const reportBody = z.strictObject({
  source: z.literal("adversary"),
  chainId: z.int().min(1),
  subject: z.string().regex(/^0x[0-9a-fA-F]{40}$/, "Allowed: 0x and 40 hexadecimal digits."),
  title,
  objective: z.enum(["gain", "figure"]),
  gainWad: wholeNumber,
  costWad: wholeNumber,
  unit: z.string().regex(/^[A-Za-z0-9._-]{1,42}$/, "Allowed: a symbol such as ETH, or a token's address."),
  capsule: hash,
  sealed: z
    .string()
    .max(sealedLimit)
    .regex(
      /^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+\n-----END AGE ENCRYPTED FILE-----\n?$/,
      "Allowed: an armoured age file.",
    )
    .optional(),
  engine: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9@][A-Za-z0-9 ._@/-]{0,39}$/, "Allowed: an engine's name, such as EDR."),
    ok: z.boolean(),
  }),
  forkBlock: z.strictObject({ number: wholeNumber, hash }),
});

export type ReportBody = z.output<typeof reportBody>;

/** What a checked body says. */
export function toReportDraft({
  subject,
  gainWad,
  costWad,
  capsule,
  sealed,
  forkBlock,
  ...rest
}: ReportBody): ReportDraft {
  return {
    ...rest,
    subject: toLower(subject as Hex),
    gainWad: BigInt(gainWad),
    costWad: BigInt(costWad),
    capsule: capsule as Hex,
    forkBlock: { number: BigInt(forkBlock.number), hash: forkBlock.hash as Hex },
    ...(sealed === undefined ? {} : { sealed }),
  };
}

/** `draft` as a body. Throws ZodError for what no server would take. */
export function toReportBody(draft: ReportDraft): ReportBody {
  return reportBody.parse(JSON.parse(canonicalJson(draft)));
}
