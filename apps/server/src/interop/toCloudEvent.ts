import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Notice } from "@testudo/core/model/Notice";
import { z } from "zod";
import { caip2, caip10 } from "./caip.ts";

/** The attributes of a CloudEvents 1.0 event that are used here. */
export const cloudEventSchema = z.strictObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  /** A URI reference: the chain, and what speaks of it. */
  source: z.string().regex(/^eip155:\d+\/[a-z0-9-]+$/),
  type: z.string().regex(/^testudo\.[a-z]+\.[a-z-]+\.v1$/),
  subject: z
    .string()
    .regex(/^eip155:\d+:0x[0-9a-f]{40}$/)
    .optional(),
  datacontenttype: z.literal("application/json"),
  data: z.record(z.string(), z.unknown()),
});

export type CloudEvent = z.output<typeof cloudEventSchema>;

/**
 * `notice` as a CloudEvents 1.0 event (INT-04). Its id is the message's, which is the same at every attempt: a receiver
 * that drops doubles by source and id sees it once. It has no `time`: the notice speaks of a block, and that has one.
 */
export function toCloudEvent(notice: Notice): CloudEvent {
  const { id, chainId, detector, topic, transition, subject } = notice;
  return {
    specversion: "1.0",
    id,
    source: `${caip2(chainId)}/${detector ?? topic}`,
    type: `testudo.${topic}.${transition}.v1`,
    ...(subject === undefined ? {} : { subject: caip10(chainId, subject) }),
    datacontenttype: "application/json",
    // Amounts as decimal strings, like in every other body.
    data: JSON.parse(canonicalJson(notice)) as CloudEvent["data"],
  };
}
