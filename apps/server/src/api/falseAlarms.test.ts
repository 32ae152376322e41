import type { Finding } from "@testudo/core/model/Finding";
import { identify } from "@testudo/core/model/Record";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chainOf, finding, findingStatus } from "../store/chain.testkit.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const fixture = await storeFixture();
let store: Store;
let api: Served;

/** An anomaly in block `number`, scored by it. */
function oddIn(number: number): Finding {
  const { id: _, ...body } = finding(number);
  return identify({ ...body, class: "anomaly" as const, score: number / 10 });
}
const [alarm, done, open, damage] = [oddIn(3), oddIn(4), oddIn(2), finding(5)];
const settled = (of: typeof open, chain: "pending" | "confirmed" = "pending") => {
  const { id: _, ...body } = findingStatus(of, "resolved", 1);
  const said = { resolution: "false-positive" as const, actor: "ana", note: "a rebalance" };
  return identify({ ...body, chain, work: "resolved" as const, ...said });
};
const confirmed = (of: typeof open) => {
  const { id: _, ...body } = findingStatus(of, "confirmed", 2);
  return identify({ ...body, work: "resolved" as const, resolution: "false-positive" as const });
};
const refusal = identify({
  ...{ kind: "Review" as const, from: [done.id], finding: done.id, verdict: "refused" as const },
  ...{ actor: "bruno", note: "it took funds" },
});

beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store);
  const told = [alarm, done, open, damage].flatMap((one) => [one, findingStatus(one)]);
  const records = [...told, settled(alarm), confirmed(alarm), settled(done), refusal, settled(damage)];
  await api.commit(chainOf().link({ records }));
});
afterAll(async () => {
  await api.close();
  await store.close();
  await fixture.remove();
});
beforeEach(() => {
  api.submitted.length = 0;
});

const get = (path: string) => call(api.port, path, {});
const review = async (id: string, body: object, headers: Record<string, string> = {}) => {
  const { status, json } = await call(api.port, `/findings/${id}/review`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
  });
  return [status, json?.error?.code];
};
const accept = { actor: "bruno", note: "seen it too", verdict: "accepted" };

test("FIND-08: false alarms are listed with who marked them, why, and what else could go unheard", async () => {
  const { json } = await get("/false-alarms");
  expect(json.falseAlarms.map((one: { state: string }) => one.state)).toEqual(["refused", "waiting"]);
  const { json: waiting } = await get("/false-alarms?state=waiting");
  expect(waiting.falseAlarms).toMatchObject([
    {
      state: "waiting",
      alarm: { finding: { id: alarm.id }, resolution: "false-positive", actor: "ana", note: "a rebalance" },
      wouldHide: [{ what: "outflow in block 2", score: 0.2, finding: open.id }],
      wouldHideAll: 1,
    },
  ]);
  expect((await get("/false-alarms?limit=0")).status).toBe(400);
});

test("FIND-08: another person reviews a false alarm, with a reason and the token", async () => {
  expect(await review(alarm.id, accept)).toEqual([202, undefined]);
  expect(api.submitted).toEqual([{ kind: "review", finding: alarm.id, ...accept }]);
  expect(await review(alarm.id, { ...accept, actor: "ana", verdict: "refused" })).toEqual([202, undefined]);
});

test.each([
  ["by who marked it", alarm.id, { ...accept, actor: "Ana " }, [409, "same-person"]],
  ["by a name that nobody sees", alarm.id, { ...accept, actor: "\u200b" }, [400, "request"]],
  ["once it was refused", done.id, accept, [409, "refused-already"]],
  ["of damage, which is never made quieter", damage.id, accept, [404, "false-alarm"]],
  ["of a finding that nobody marked", open.id, accept, [404, "false-alarm"]],
  ["of no finding", `0x${"00".repeat(32)}`, accept, [404, "false-alarm"]],
  ["without a reason", alarm.id, { ...accept, note: " " }, [400, "request"]],
  ["without a verdict", alarm.id, { actor: "bruno", note: "x" }, [400, "request"]],
  ["with another verdict", alarm.id, { ...accept, verdict: "maybe" }, [400, "request"]],
  ["with more", alarm.id, { ...accept, apply: true }, [400, "request"]],
])("error: FIND-08: a review %s", async (_, id, body, expected) => {
  expect(await review(id, body)).toEqual(expected);
  expect(api.submitted).toEqual([]);
});

test("error: FIND-08: a review of damage that was marked says that none is needed", async () => {
  const { json } = await call(api.port, `/findings/${damage.id}/review`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(accept),
  });
  expect(json.error.message).toBe(
    `Finding ${damage.id} needs no review.\n- Only marks of anomalies in a block are taken into a calibration.`,
  );
});

test("error: FIND-08: a review without the token", async () => {
  expect(await review(alarm.id, accept, { authorization: "Bearer no" })).toEqual([401, "token"]);
});
