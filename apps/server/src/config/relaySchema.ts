import { relayMethods } from "@testudo/chain/act/sendPrivately";
import { maxPrivateBlocks } from "@testudo/core/governance/policyCheck";
import { z } from "zod";
import { secretRef, serviceUrl } from "./channelSchema.ts";
import { strict, whole } from "./fields.ts";

const nameError = "Allowed: a header's name of letters, digits and -, and none that HTTP itself sets.";
const setByHttp = [
  "content-type",
  "content-length",
  "host",
  "connection",
  "transfer-encoding",
  "te",
  "trailer",
  "expect",
];
const headerName = z
  .string({ error: nameError })
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: nameError })
  .refine((name) => !setByHttp.includes(name.toLowerCase()), { error: nameError });

const blocksError = `Allowed: a whole number from 1 to ${maxPrivateBlocks} blocks, or "never".`;

/** The private relay of a policy: how it is reached, and when the public nodes get what it got. */
export const relaySchema = strict({
  // In the clear everybody on the way would have the bytes first.
  url: serviceUrl,
  method: z.enum(relayMethods, { error: `Allowed: ${relayMethods.join(", ")}.` }).default("eth_sendRawTransaction"),
  header: strict({ name: headerName, value: secretRef }).optional(),
  publicAfterBlocks: z
    .union([whole(1, maxPrivateBlocks, "blocks"), z.literal("never")], { error: blocksError })
    .default(2),
});
