import type { Finding } from "@testudo/core/model/Finding";
import { identify } from "@testudo/core/model/Record";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chainOf, finding, findingStatus } from "../store/chain.testkit.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const [ana, bruno] = [
  { name: "ana", token: "a1".repeat(16) },
  { name: "Bruno", token: "b2".repeat(16) },
];
const fixture = await storeFixture();
let store: Store;
let api: Served;

const odd = ({ id: _, ...body }: Finding): Finding => identify({ ...body, class: "anomaly" as const, score: 0.5 });
const [alarm, open, unproved, early] = [odd(finding(3)), odd(finding(4)), odd(finding(5)), odd(finding(6))];
const markedBy = (actor: string, of: Finding, proof: { readonly isProved?: true } = {}) => {
  const { id: _, ...status } = findingStatus(of, "resolved", 1);
  const said = { resolution: "false-positive" as const, actor, note: "ours", ...proof };
  return identify({ ...status, work: "resolved" as const, ...said });
};

beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store, { people: [ana, bruno] });
  const told = [alarm, open, unproved, early].flatMap((one) => [one, findingStatus(one)]);
  const records = [
    ...told,
    markedBy("ana", alarm, { isProved: true }),
    markedBy("night shift", unproved),
    // With the server's token, before people had any.
    markedBy("ana", early),
  ];
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

const post = async (path: string, bearer: string, body: object) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${bearer}` };
  const { status: code, json } = await call(api.port, path, { method: "POST", headers, body: JSON.stringify(body) });
  return [code, json?.error?.code];
};
const review = (bearer: string, actor?: string, { id } = alarm, verdict = "accepted") =>
  post(`/findings/${id}/review`, bearer, {
    ...{ note: "seen", verdict },
    ...(actor === undefined ? {} : { actor }),
  });
const settle = (bearer: string, actor?: string) =>
  post(`/findings/${open.id}/resolve`, bearer, {
    ...{ note: "seen", resolution: "benign" },
    ...(actor === undefined ? {} : { actor }),
  });

test("FIND-08: a person's own token is the name under which he reviews and settles", async () => {
  expect(await review(bruno.token)).toEqual([202, undefined]);
  expect(await review(bruno.token, " bruno")).toEqual([202, undefined]);
  expect(await settle(ana.token)).toEqual([202, undefined]);
  expect(api.submitted).toMatchObject([
    { kind: "review", finding: alarm.id, actor: "Bruno", verdict: "accepted" },
    { kind: "review", finding: alarm.id, actor: "Bruno" },
    { kind: "resolve", finding: open.id, actor: "ana", isProved: true },
  ]);
});

test("error: FIND-08: nobody speaks in another's name, and two names over one token are one person", async () => {
  expect(await review(ana.token)).toEqual([409, "same-person"]);
  expect(await review(ana.token, "Bruno")).toEqual([403, "person"]);
  expect(await settle(bruno.token, "ana")).toEqual([403, "person"]);
  // Whoever reads the server's token could be both.
  expect(await review(token, "Bruno")).toEqual([403, "person"]);
  expect(await settle(token, "ana")).toEqual([403, "person"]);
  expect(api.submitted).toEqual([]);
});

test("a finding is acknowledged with either token; the server's has to name somebody", async () => {
  const acknowledge = (bearer: string, said: object) =>
    post(`/findings/${open.id}/acknowledge`, bearer, { note: "mine", ...said });
  expect(await acknowledge(ana.token, {})).toEqual([202, undefined]);
  expect(await acknowledge(token, { actor: "night shift" })).toEqual([202, undefined]);
  expect(api.submitted).toMatchObject([{ actor: "ana" }, { actor: "night shift" }]);
  expect(await acknowledge(token, {})).toEqual([400, "request"]);
  expect(await acknowledge(ana.token, { actor: "Bruno" })).toEqual([403, "person"]);
});

test("error: FIND-08: what was marked without a person's token is nobody's to accept, and anybody's to refuse", async () => {
  expect(await review(ana.token, undefined, unproved)).toEqual([409, "marker"]);
  expect(await review(bruno.token, undefined, early)).toEqual([409, "marker"]);
  expect(api.submitted).toEqual([]);
  expect(await review(ana.token, undefined, unproved, "refused")).toEqual([202, undefined]);
});

test("error: FIND-08: the server's token speaks for nobody who has one, in whatever spelling, nor for nobody", async () => {
  const acknowledge = (actor: string, note = "mine") =>
    post(`/findings/${open.id}/acknowledge`, token, { actor, note });
  for (const actor of ["ana", "ANA", "a\u200bna", "bruno"]) expect(await acknowledge(actor)).toEqual([403, "person"]);
  for (const actor of ["\u200b", "\u3164", " \u2800"]) expect(await acknowledge(actor)).toEqual([400, "request"]);
  expect(await acknowledge("night shift", "\u200b")).toEqual([400, "request"]);
  expect(api.submitted).toEqual([]);
});

test("error: a person's token opens nothing but his own words", async () => {
  for (const path of ["/reload", "/channels/terminal/test", "/channels/terminal/requeue", "/reports", "/pending"])
    expect(await post(path, ana.token, { actor: "ana" }), path).toEqual([401, "token"]);
  expect(await post(`/findings/${open.id}/other`, ana.token, {})).toEqual([401, "token"]);
  expect(await post(`/actions/0x${"00".repeat(32)}/approvals`, ana.token, {})).toEqual([400, "request"]);
});
