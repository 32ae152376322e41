import { defaultComposite } from "@testudo/core/model/CompositeRule";
import { z } from "zod";
import { list, strict, text, url, whole } from "./fields.ts";
import { isSecret, secretRule, secretWayOut } from "./secret.ts";

const secretError = `${secretRule}\n- ${secretWayOut}`;
const secret = z.string({ error: secretError }).refine(isSecret, { error: secretError });

/** How the watch is watched. */
export const observeSchema = strict({
  traces: strict({
    url: url(["http", "https"]),
    headers: z.record(z.string(), z.string(), { error: "Allowed: { name: value }." }).optional(),
  }).optional(),
  heartbeat: strict({
    url: url(["http", "https"]),
    secrets: list(secret, 0, 2, "signing secrets").default([]),
    everySeconds: whole(5, 3_600, "s").default(60),
  }).optional(),
  peer: strict({
    url: url(["http", "https"]),
    graceSeconds: whole(1, 3_600, "s").default(60),
    everySeconds: whole(1, 3_600, "s").default(10),
  }).optional(),
});

const probability = (fallback: number) => {
  const error = "Allowed: a number above 0 and at most 1.";
  return z.number({ error }).gt(0, { error }).lte(1, { error }).default(fallback);
};

/** How findings of several stages count together; false: they do not. */
export const compositeSchema = z.union(
  [
    z.literal(false),
    strict({
      preset: z.enum(["brown", "forta"], { error: "Allowed: brown, forta." }).default(defaultComposite.preset),
      criticalAt: probability(defaultComposite.criticalAt),
      lowAt: probability(defaultComposite.lowAt),
      correlation: z.number().min(0).max(1).default(defaultComposite.correlation),
      precise: list(text("a detector's id"), 0, 64, "detector ids").default([]),
    }),
  ],
  { error: "Allowed: { preset, criticalAt, lowAt, correlation, precise }, or false." },
);
