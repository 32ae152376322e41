import { parseSecret } from "../deliver/signWebhook.ts";

/** What a webhook's signing secret is, for an error. */
export const secretRule = 'Allowed: "whsec_" and 24 to 64 bytes in base64, so that guessing is hopeless.';

/** How to come by one. */
export const secretWayOut = "Make one: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"";

/** Whether `value` can sign. */
export function isSecret(value: string): boolean {
  try {
    parseSecret(value);
    return true;
  } catch {
    return false;
  }
}
