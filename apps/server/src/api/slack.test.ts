import { identify } from "@testudo/core/model/Record";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { signSlack } from "../deliver/slackSignature.ts";
import { chainOf, finding, findingStatus } from "../store/chain.testkit.ts";
import { readHead } from "../store/loadState.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { setTimer } from "../store/timers.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
let store: Store;
let api: Served;
const secret = "8f742231b10e8888abcd99yyyzzz85a5";
const nowMs = 1_531_420_618_000;
const known = finding(1);
const tested: string[] = [];

beforeEach(async () => {
  store = await fixture.empty();
  tested.length = 0;
  api = await serve(store, {
    slackSecrets: ["another", secret],
    now: () => nowMs,
    testChannel: async (name) => {
      tested.push(name);
      return `0x${"1".repeat(64)}`;
    },
  });
  await api.commit(chainOf().link({ records: [known, findingStatus(known)] }));
});
afterEach(() => api.close());

const click = (more: object = {}) => ({
  type: "block_actions",
  user: { id: "U012", username: "ann\u001b[31m" },
  actions: [{ action_id: "testudo_acknowledge", value: known.id }],
  ...more,
});
const send = (payload: object, { at = nowMs / 1_000, by = secret, change = (body: string) => body } = {}) => {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": String(at),
    "x-slack-signature": signSlack(by, String(at), body),
  };
  return call(api.port, "/slack/interactions", { method: "POST", headers, body: change(body) });
};

test("behavior: the signature is the one of Slack's own example", () => {
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  expect(signSlack(secret, "1531420618", body)).toBe(
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  );
});

test("behavior: a click on our button acknowledges, in the name of who clicked", async () => {
  expect((await send(click())).status).toBe(200);
  expect(api.submitted).toEqual([
    { kind: "acknowledge", finding: known.id, actor: "ann (Slack U012)", note: "acknowledged in Slack" },
  ]);
});

test("PRE-01: a click on the message of a prediction that came true acknowledges what it goes on as", async () => {
  const inBlock = finding(2);
  const { id: _, ...settled } = findingStatus(known, "included", 1);
  const included = identify({ ...settled, work: "resolved", goesOnAs: inBlock.id } as const);
  const head = await readHead(store);
  await api.commit(chainOf(head).link({ records: [included, inBlock, findingStatus(inBlock, "included", 2)] }));
  expect((await send(click())).status).toBe(200);
  expect(api.submitted).toMatchObject([{ kind: "acknowledge", finding: known.id }]);
});

test.each([
  ["an older request than five minutes", { at: nowMs / 1_000 - 301 }],
  ["a time of the future", { at: nowMs / 1_000 + 301 }],
  ["another secret", { by: "guessed" }],
  ["a body that was changed", { change: (body: string) => `${body}&x=1` }],
])("error: %s is refused and does nothing", async (_, options) => {
  expect((await send(click(), options)).status).toBe(401);
  expect(api.submitted).toEqual([]);
});

test("error: no signature at all, and a body without bounds", async () => {
  expect((await call(api.port, "/slack/interactions", { method: "POST", body: "payload={}" })).status).toBe(401);
  const large = { method: "POST", body: "x".repeat(70_000) };
  expect((await call(api.port, "/slack/interactions", large)).status).toBe(413);
});

test.each([
  ["another button", { actions: [{ action_id: "other", value: known.id }] }],
  ["a finding that is none", { actions: [{ action_id: "testudo_acknowledge", value: "0x12" }] }],
  ["a finding that nobody knows", { actions: [{ action_id: "testudo_acknowledge", value: `0x${"9".repeat(64)}` }] }],
  ["another kind of interaction", { type: "view_submission" }],
])("behavior: %s is answered and does nothing", async (_, more) => {
  expect((await send(click(more))).status).toBe(200);
  expect(api.submitted).toEqual([]);
});

test("behavior: what is acknowledged already is answered, and what is not taken shows as a failure", async () => {
  api.submit = async () => ({ accepted: false, reason: "The watch ends." });
  expect((await send(click())).status).toBe(503);
});

test("behavior: without a signing secret there is no such address, and no other write goes without the token", async () => {
  const other = await serve(store);
  const answer = await call(other.port, "/slack/interactions", { method: "POST", body: "payload={}" });
  expect(answer.status).toBe(401);
  expect(answer.json.error.code).toBe("token");
  await other.close();
});

test("SELF-03: channels are listed with their receipts, and a test is sent with the token only", async () => {
  await setTimer(store.db, "channel-test", { key: "slack", dueAt: 5, body: JSON.stringify({ since: store.now() }) });
  const { json } = await call(api.port, "/channels");
  expect(json).toEqual({
    channels: [
      {
        name: "slack",
        receipt: null,
        nextTestAt: 5,
        isStale: false,
        pending: 0,
        dead: 0,
        lastError: null,
        deadLetters: [],
      },
    ],
  });
  const post = (name: string, headers: Record<string, string> = {}) =>
    call(api.port, `/channels/${name}/test`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: "{}",
    });
  const auth = { authorization: `Bearer ${token}` };
  expect((await post("slack")).status).toBe(401);
  expect((await post("none", auth)).status).toBe(404);
  expect((await post("slack", auth)).status).toBe(202);
  expect(tested).toEqual(["slack"]);
});
