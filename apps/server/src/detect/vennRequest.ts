import { z } from "@hono/zod-openapi";

const text = (most: number) => z.string().max(most);
const address = z.string().regex(/^0[xX][0-9a-fA-F]{40}$/, "Allowed: an address, as 0x and 40 hexadecimal digits.");

/** A request in the form of Venn's detectors (INT-03). The trace is checked where it is read; unknown fields are ignored. */
export const vennRequest = z.looseObject({
  detectorName: text(200).nullish(),
  /** Comes back as `requestId`. */
  id: text(200).nullish(),
  chainId: z.number().int().nonnegative(),
  hash: z.string().regex(/^0[xX][0-9a-fA-F]{64}$/, "Allowed: a transaction's hash, as 0x and 64 hexadecimal digits."),
  protocolName: text(200).nullish(),
  protocolAddress: address.nullish(),
  trace: z.looseObject({ from: z.string(), to: z.string().nullish(), input: z.string().nullish() }),
  additionalData: z.record(z.string(), z.unknown()).nullish(),
});
export type VennRequest = z.output<typeof vennRequest>;

/** The answer in the same form. `message` gives the worst finding's reason, `error` who failed, `additionalData` all findings and who could not judge. */
export const vennResponse = z.object({
  requestId: z.string(),
  chainId: z.number(),
  detected: z.boolean(),
  error: z.string().optional(),
  message: z.string().optional(),
  protocolAddress: z.string().optional(),
  protocolName: z.string().optional(),
  additionalData: z.record(z.string(), z.unknown()).optional(),
});
export type VennResponse = z.output<typeof vennResponse>;
