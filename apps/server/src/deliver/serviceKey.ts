import { createHash } from "node:crypto";

/** A name for the account behind `token`, that tells nothing of it: channels of one account share its global limit. */
export function serviceKey(service: string, token: string): string {
  return `${service} ${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
}
