import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPagerDutyBench, type PagerDutyBench } from "../deliver/pagerDuty.testkit.ts";
import { openPlace, type Place } from "./place.testkit.ts";

let place: Place;
let pager: PagerDutyBench;
beforeEach(async () => {
  place = openPlace();
  pager = await openPagerDutyBench();
  writeFileSync(join(place.folder, "tell.sh"), "#!/bin/sh\ncat > got.json; echo T-77\n", { mode: 0o700 });
  writeFileSync(
    join(place.folder, "testudo.config.ts"),
    `import { defineConfig } from "testudo";
export default defineConfig({
  rpc: ["http://127.0.0.1:8545"], protect: ["0x${"ab".repeat(20)}"],
  channels: [
    { type: "script", command: ["./tell.sh"] },
    { type: "pagerduty", name: "pager", routingKey: { env: "PAGER_KEY" }, baseUrl: "${pager.service.url}" },
  ],
});`,
  );
});
afterEach(async () => {
  await pager.close();
  place.remove();
});
const key = { PAGER_KEY: "R0123456789abcdefR0123456789abcd" };

test("SELF-03: without a server, a test goes through each channel of the configuration and tells what was answered", async () => {
  const { code, out, err } = await place.runWith(key, "channels", "test");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^script-1: arrived \(T-77\)\npager: arrived \(trigger, resolve testudo-[0-9a-f]{64}\)\n$/);
  expect(JSON.parse(readFileSync(join(place.folder, "got.json"), "utf8"))).toMatchObject({
    type: "testudo.health.test.v1",
  });
  expect(pager.pages).toMatchObject([{ state: "resolved" }]);
});

test("SELF-03: a channel that does not work ends the test with 1 and says why, without its key", async () => {
  pager.refusal = { status: 403, body: { message: `no ${key.PAGER_KEY}` } };
  const { code, out } = await place.runWith(key, "channels", "test", "pager");
  expect([code, out]).toEqual([1, expect.stringContaining("pager: NOT arrived: http[://]127.0.0.1")]);
  expect(out).not.toContain(key.PAGER_KEY);
});

test("error: a channel that is not there, and a key that is not set", async () => {
  expect(await place.runWith(key, "channels", "test", "pigeon")).toMatchObject({
    code: 2,
    err: expect.stringContaining("script-1, pager"),
  });
  expect(await place.run("channels", "test")).toMatchObject({
    code: 2,
    err: expect.stringContaining('"PAGER_KEY" is not set'),
  });
});
