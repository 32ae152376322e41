// The form of OpenZeppelin Monitor's configuration files (v1.6.0), as far as it is read here. Unknown fields are kept apart, so
// that none is dropped unseen.
import { z } from "zod";

/** A value by where it is, or itself. */
export const ozSecretSchema = z.union([z.object({ type: z.string(), value: z.string() }), z.string()]);

export const ozNetworkSchema = z.looseObject({
  network_type: z.string(),
  slug: z.string(),
  name: z.string(),
  rpc_urls: z.array(z.looseObject({ url: ozSecretSchema })).default([]),
  chain_id: z.number().int().positive().nullish(),
  confirmation_blocks: z.number().nullish(),
});

const condition = { signature: z.string(), expression: z.string().nullish() };
const parameter = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  get components(): z.ZodOptional<z.ZodArray<z.ZodType>> {
    return z.array(parameter).optional();
  },
});
// Other items are never looked at, and other chains have other forms.
const read = z.enum(["event", "function"]);
const itemForm = "Allowed: an item of an ABI, with `type`, `name` and `inputs`.";
const abi = z.array(
  z.union([
    z.looseObject({ type: read, name: z.string(), inputs: z.array(parameter).default([]) }),
    z.looseObject({ type: z.string().refine((type) => !read.safeParse(type).success, itemForm) }),
  ]),
);

export const ozMonitorSchema = z.looseObject({
  name: z.string(),
  networks: z.array(z.string()).default([]),
  paused: z.boolean().default(false),
  // Files of before 1.0 call the specification `abi`.
  addresses: z
    .array(z.looseObject({ address: z.string(), contract_spec: abi.nullish(), abi: abi.nullish() }))
    .default([]),
  match_conditions: z
    .looseObject({
      functions: z.array(z.looseObject(condition)).default([]),
      events: z.array(z.looseObject(condition)).default([]),
      transactions: z
        .array(z.looseObject({ status: z.string().nullish(), expression: z.string().nullish() }))
        .default([]),
    })
    .default({ functions: [], events: [], transactions: [] }),
  trigger_conditions: z.array(z.looseObject({ script_path: z.string() })).default([]),
  triggers: z.array(z.string()).default([]),
});

export const ozTriggersSchema = z.record(
  z.string(),
  z.looseObject({ name: z.string(), trigger_type: z.string(), config: z.looseObject({}) }),
);

export type OzNetwork = z.output<typeof ozNetworkSchema>;
export type OzMonitor = z.output<typeof ozMonitorSchema>;
export type OzTrigger = z.output<typeof ozTriggersSchema>[string];

/** A part of the files that has no counterpart here, or another one than its author may expect. */
export interface Unmapped {
  readonly file: string;
  readonly part: string;
  readonly what: string;
}
