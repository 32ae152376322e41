import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPagerDutyBench, type PagerDutyBench } from "../deliver/pagerDuty.testkit.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, finding, notice } from "../store/chain.testkit.ts";
import { openStore } from "../store/openStore.ts";
import { listDue, markDead } from "../store/outbox.ts";
import { setTimer } from "../store/timers.ts";
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

test("DELIV-02: what was given up is named with its error and when, for people and as JSON", async () => {
  const data = join(place.folder, "data");
  const store = await openStore(data, { now: () => 1_750_000_000_000 });
  const alerts = [1, 2, 3, 4].map((number) =>
    notice(finding(number, `loss ${number} \u001b[2Jof https://evil.example`)),
  );
  await setTimer(store.db, "channel-test", { key: "pager", dueAt: 0, body: JSON.stringify({ since: 0 }) });
  await applyCommits(store, [chainOf().link({ notices: alerts })], [], ["pager"]);
  for (const row of await listDue(store, ["pager"], Date.now()))
    await markDead(store, row.id, `https://pager.example/key/${key.PAGER_KEY} answered 400: \u001b[31mno ${row.id}`);
  await store.close();

  const { code, out } = await place.run("channels", "--data", data);
  expect({ code, lines: out.split("\n").slice(1) }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "lines": [
        "  0 pending, 4 dead letters:",
        "    raised: loss 4 of https[://]evil.example (https[://]pager.example/key/… answered 400: no 4, 2025-06-15 15:06:40 UTC)",
        "    raised: loss 3 of https[://]evil.example (https[://]pager.example/key/… answered 400: no 3, 2025-06-15 15:06:40 UTC)",
        "    raised: loss 2 of https[://]evil.example (https[://]pager.example/key/… answered 400: no 2, 2025-06-15 15:06:40 UTC)",
        "    and 1 more",
        "",
      ],
    }
  `);
  const asJson = await place.run("channels", "--json", "--data", data);
  expect(JSON.parse(asJson.out)).toMatchObject({
    channels: [{ name: "pager", dead: 4, deadLetters: [{ diedAt: 1_750_000_000_000, notice: alerts[3]!.id }, {}, {}] }],
  });
  expect(out + asJson.out).not.toContain(key.PAGER_KEY);
  expect((await place.run("status", "--data", data)).out).toContain("answered 400: no 4, 2025-06-15 15:06:40 UTC)");
});
