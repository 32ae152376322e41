// Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64, one signature per live secret.
import { createHmac, timingSafeEqual } from "node:crypto";

/** The three headers that carry a webhook's identity. */
export interface WebhookHeaders {
  readonly "webhook-id": string;
  /** Unix seconds of this attempt. */
  readonly "webhook-timestamp": string;
  /** `v1,<base64>`, blank-separated, one per secret. */
  readonly "webhook-signature": string;
}

/** Clock difference that a receiver accepts, in seconds; older requests may be replays. */
export const toleranceSeconds = 300;

/**
 * The key bytes of a secret `whsec_<base64>`. Throws WebhookSecretError unless it holds 24 to 64 bytes.
 */
export function parseSecret(secret: string): Buffer {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(encoded ?? "", "base64");
  if (key.length < 24 || key.length > 64) throw new WebhookSecretError(key.length);
  return key;
}

/** Headers for `body`, signed with every key, so that a receiver may hold either while secrets are rotated. */
export function signWebhook(
  keys: readonly Buffer[],
  id: string,
  timestampSeconds: number,
  body: string,
): WebhookHeaders {
  const signatures = keys.map((key) => `v1,${mac(key, id, String(timestampSeconds), body)}`);
  return { "webhook-id": id, "webhook-timestamp": String(timestampSeconds), "webhook-signature": signatures.join(" ") };
}

/** Whether one of the signatures in `headers` fits one of `keys` and the timestamp is within tolerance of `nowSeconds`. */
export function isSigned(keys: readonly Buffer[], headers: WebhookHeaders, body: string, nowSeconds: number): boolean {
  const timestamp = Number(headers["webhook-timestamp"]);
  if (!Number.isInteger(timestamp) || Math.abs(nowSeconds - timestamp) > toleranceSeconds) return false;
  const given = headers["webhook-signature"]
    .split(" ")
    .flatMap((part) => (part.startsWith("v1,") ? part.slice(3) : []));
  return keys.some((key) => {
    const expected = Buffer.from(mac(key, headers["webhook-id"], headers["webhook-timestamp"], body));
    return given.some((text) => isSame(Buffer.from(text), expected));
  });
}

function mac(key: Buffer, id: string, timestamp: string, body: string): string {
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A signing secret has the wrong form. The secret itself is not quoted. */
export class WebhookSecretError extends Error {
  override readonly name = "WebhookSecretError";
  constructor(bytes: number) {
    super(
      `A webhook secret holds ${bytes} bytes of base64.\n- It is "whsec_" and 24 to 64 bytes in base64.\n` +
        "- Make one: node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\"",
    );
  }
}
