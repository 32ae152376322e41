import { z } from "zod";

const count = z.coerce.number();

/** What GET /status gives, as far as it is shown. What a server does not tell is absent. */
export const statusSchema = z.looseObject({
  running: z.boolean().default(false),
  healthy: z.boolean().optional(),
  ready: z.boolean().optional(),
  reasons: z.array(z.string()).default([]),
  mode: z.string().optional(),
  modeReason: z.string().optional(),
  modeFault: z.string().optional(),
  chainId: count.optional(),
  head: z.looseObject({ number: z.coerce.string(), timestamp: count }).nullable().optional(),
  lagBlocks: count.optional(),
  quorum: count.optional(),
  endpoints: z.array(z.looseObject({ label: z.string(), state: z.string().optional() })).optional(),
  branches: z
    .array(z.looseObject({ endpoints: z.array(z.string()), block: z.looseObject({ number: z.string() }).nullable() }))
    .default([]),
  detectors: z.array(z.string()).optional(),
  detectorTroubles: z.array(z.looseObject({ detector: z.string(), what: z.string(), message: z.string() })).default([]),
  frozen: z.record(z.string(), z.string()).default({}),
  incidents: z
    .array(
      z.looseObject({
        id: z.string(),
        state: z.string(),
        severity: z.string(),
        subject: z.string(),
        findings: count,
        acknowledgedAfter: count.optional(),
        mitigatedAfter: count.optional(),
      }),
    )
    .default([]),
  reports: z
    .array(z.looseObject({ finding: z.string(), severity: z.string(), work: z.string(), reason: z.string() }))
    .default([]),
  reportsWaiting: count.default(0),
  actions: z
    .array(
      z.looseObject({
        id: z.string(),
        type: z.enum(["pause", "guardRule"]).optional(),
        state: z.string(),
        target: z.string(),
        until: count,
      }),
    )
    .default([]),
  outbox: z.looseObject({ pending: count, dead: count }).optional(),
  deadLetters: z
    .array(
      z.looseObject({
        channel: z.string(),
        title: z.string(),
        error: z.string().nullable(),
        // A server of before this was noted does not tell it.
        diedAt: count.nullable().default(null),
      }),
    )
    .default([]),
  channels: z
    .array(
      z.looseObject({
        name: z.string(),
        receipt: z.looseObject({ at: count, said: z.string() }).nullable(),
        isStale: z.boolean(),
        lastError: z.string().nullable(),
      }),
    )
    .default([]),
  evidence: z.looseObject({ sequence: count, id: z.string() }).optional(),
});
export type ShownStatus = z.output<typeof statusSchema>;
