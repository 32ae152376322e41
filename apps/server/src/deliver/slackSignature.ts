import { createHmac, timingSafeEqual } from "node:crypto";

/** Clock difference that is accepted, in seconds: an older request may be a replay. */
export const slackToleranceSeconds = 300;

/** What Slack signs a request with: `v0=` and HMAC-SHA256, hexadecimal, over `v0:timestamp:body`. */
export function signSlack(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** Whether one of `secrets` made `signature` over `body`, not longer ago than the tolerance. */
export function isFromSlack(
  secrets: readonly string[],
  given: { readonly timestamp: string; readonly signature: string; readonly body: string },
  nowSeconds: number,
): boolean {
  if (!/^\d{1,12}$/.test(given.timestamp)) return false;
  if (Math.abs(nowSeconds - Number(given.timestamp)) > slackToleranceSeconds) return false;
  const signature = Buffer.from(given.signature);
  return secrets.some((secret) => {
    const expected = Buffer.from(signSlack(secret, given.timestamp, given.body));
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  });
}
