import { z } from "zod";
import { isRecipient } from "../report/sealFinding.ts";
import { secretRef } from "./channelSchema.ts";
import { flag, hardfork, list, strict } from "./fields.ts";

const recipientError = "Allowed: a public key of age, age1…, as `age-keygen` prints it.";
const secretError =
  "Allowed: a public key of age, age1…. This is a private key: it stays with its guardian, and by now it should be replaced.";

const recipient = z
  .string({ error: recipientError })
  .refine((key) => !key.startsWith("AGE-SECRET-KEY"), { error: secretError, abort: true })
  .refine(isRecipient, { error: recipientError });

/** What is done before the block, each part by itself. */
export const preblockSchema = strict({
  pool: flag.default(true),
  probe: flag.default(true),
  endpoint: flag.default(true),
  recipients: list(recipient, 0, 32, "public keys").default([]),
  relayToken: secretRef.optional(),
  hardfork: hardfork.optional(),
});
