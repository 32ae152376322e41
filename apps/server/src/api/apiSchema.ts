import { z } from "@hono/zod-openapi";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { isSeen } from "@testudo/core/model/FalseAlarm";
import { resolutions } from "@testudo/core/model/FindingStatus";
import { verdicts } from "@testudo/core/model/Review";
import {
  actionSchema,
  actionStatusSchema,
  approvalSchema,
  findingSchema,
  findingStatusSchema,
  incidentSchema,
  reviewSchema,
  simulationSchema,
} from "./recordSchemas.ts";
import { refusalSchema } from "./refuse.ts";

export const idSchema = z.string().regex(/^0x[0-9a-f]{64}$/, "Allowed: 0x and 64 lower-case hexadecimal digits.");
const addressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "Allowed: 0x and 40 hexadecimal digits.");
const signatureSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{130}$/, "Allowed: 65 bytes, as 0x and 130 hexadecimal digits.");
export const actorSchema = z.string().trim().refine(isSeen, "Say who.").max(100);
/** Left out by whoever has a token of his own, and needed with the server's. */
export const speakerSchema = actorSchema.optional();
export const noteSchema = z.string().trim().refine(isSeen, "Say why.").max(2_000);

export const approvalBody = z.strictObject({ signer: addressSchema, signature: signatureSchema });
export const acknowledgeBody = z.strictObject({ actor: speakerSchema, note: noteSchema });
export const resolveBody = z.strictObject({
  actor: speakerSchema,
  note: noteSchema,
  resolution: z.enum(resolutions),
});

/** Queries of lists: newest first; `before` is the last `seq` of the page before. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.coerce.number().int().min(1).optional(),
});

/** Queries of lists of what has a state, of which several may be asked for. A misspelt one would find nothing and say nothing. */
export const stateQuery = (states: readonly string[]) =>
  pageQuery.extend({
    state: z
      .string()
      .refine((text) => text.split(",").every((state) => states.includes(state)), {
        error: `Allowed: ${states.join(", ")}; several separated by commas.`,
      })
      .transform((text) => text.split(","))
      .optional(),
  });

export const alarmStates = ["waiting", ...verdicts] as const;

export const feedQuery = z.object({ after: z.coerce.number().int().min(0).optional() });

const item = { seq: z.number().openapi({ description: "Its place among all records; `before` of the next page" }) };
export const incidentsSchema = z.object({ incidents: z.array(z.object({ ...item, incident: incidentSchema })) });
export const findingsSchema = z.object({
  findings: z.array(z.object({ ...item, finding: findingSchema, status: findingStatusSchema.nullable() })),
});
const said = { actor: z.string(), note: z.string() };
export const falseAlarmsSchema = z.object({
  falseAlarms: z.array(
    z.object({
      ...item,
      state: z.enum(alarmStates),
      alarm: z.looseObject({
        finding: findingSchema,
        resolution: z.string(),
        ...said,
        review: reviewSchema.optional(),
      }),
      wouldHide: z
        .array(z.looseObject({ what: z.string(), score: z.number() }))
        .openapi({ description: "The worst of what accepting it could hide" }),
      wouldHideAll: z.number(),
    }),
  ),
});
const actionViewSchema = z.object({
  ...item,
  action: actionSchema,
  status: actionStatusSchema.nullable(),
  history: z.array(actionStatusSchema),
  simulation: simulationSchema.nullable(),
  approvals: z.array(approvalSchema),
  intent: z.array(z.string()).openapi({ description: "What it would do, in sentences" }),
  typedData: z
    .looseObject({ primaryType: z.string() })
    .openapi({ description: "The EIP-712 message that guardians sign, as eth_signTypedData_v4 takes it" }),
});
export const actionsSchema = z.object({ actions: z.array(actionViewSchema) });
export const headSchema = z.object({
  sequence: z.number().openapi({ description: "How many links there are" }),
  id: z.string().openapi({ description: "The hash over all of them" }),
});
const reasons = z.array(z.string()).openapi({ description: "What is not well, in sentences" });
export const healthSchema = z.object({ ok: z.boolean(), reasons });
export const statusSchema = z
  .looseObject({ healthy: z.boolean(), ready: z.boolean(), reasons })
  .openapi({ description: "As `testudo status --json` prints it, with how the nodes are. Times are in Unix seconds." });
export const acceptedSchema = z.object({ accepted: z.literal(true) });

/** `value` as JSON says it: bigint as decimal strings, absent fields left out. */
export function toJson<S extends z.ZodType>(_: S, value: unknown): z.output<S> {
  return JSON.parse(canonicalJson(value)) as z.output<S>;
}

/** An answer in an OpenAPI description. */
export function answer<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { "application/json": { schema } } };
}

export const refusals = {
  400: answer("The request is malformed.", refusalSchema),
  401: answer("The token is missing or wrong.", refusalSchema),
  403: answer(
    "Asked for by another name, from another site's page, or in a name that the token does not prove.",
    refusalSchema,
  ),
  404: answer("There is no such thing.", refusalSchema),
  409: answer("Not possible in the present state.", refusalSchema),
  413: answer("The body is too large.", refusalSchema),
  415: answer("The body is not JSON.", refusalSchema),
  422: answer("The signature is not the signer's.", refusalSchema),
};
