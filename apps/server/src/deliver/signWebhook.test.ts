import { expect, test } from "vitest";
import { secretA, secretB } from "./receiver.testkit.ts";
import { isSigned, parseSecret, signWebhook, toleranceSeconds, WebhookSecretError } from "./signWebhook.ts";

const [a, b] = [parseSecret(secretA), parseSecret(secretB)];
const now = 1_700_000_000;

test("DELIV-01: a signature is the one of the Standard Webhooks specification's own example", () => {
  const key = parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const body = '{"test": 2432232314}';
  expect(signWebhook([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("DELIV-01: while secrets are rotated a receiver may hold either", () => {
  const headers = signWebhook([a, b], "id", now, "body");
  expect([[a], [b], [b, a]].map((keys) => isSigned(keys, headers, "body", now))).toEqual([true, true, true]);
  expect(isSigned([parseSecret(`whsec_${Buffer.alloc(32, 3).toString("base64")}`)], headers, "body", now)).toBe(false);
});

test("DELIV-01: a changed body, id, time or signature is refused", () => {
  const headers = signWebhook([a], "id", now, "body");
  expect(isSigned([a], headers, "bodi", now)).toBe(false);
  expect(isSigned([a], { ...headers, "webhook-id": "other" }, "body", now)).toBe(false);
  expect(isSigned([a], { ...headers, "webhook-timestamp": String(now + 1) }, "body", now)).toBe(false);
  expect(
    isSigned([a], { ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,") }, "body", now),
  ).toBe(false);
});

test("DELIV-01: a request older or newer than five minutes is refused", () => {
  const headers = signWebhook([a], "id", now, "body");
  const at = (offset: number) => isSigned([a], headers, "body", now + offset);
  expect([-toleranceSeconds - 1, -toleranceSeconds, toleranceSeconds, toleranceSeconds + 1].map(at)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test("error: a secret of the wrong form is refused without being quoted", () => {
  for (const secret of ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", `whsec_${Buffer.alloc(65).toString("base64")}`]) {
    expect(() => parseSecret(secret)).toThrow(WebhookSecretError);
    if (secret.length > 6) expect(() => parseSecret(secret)).not.toThrow(secret);
  }
});
