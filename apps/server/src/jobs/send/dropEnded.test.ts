import { openDraft } from "@testudo/core/model/Memory";
import { writeCase } from "@testudo/core/pipeline/Case";
import { afterAll, expect, test } from "vitest";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { dropEnded } from "./dropEnded.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { chainId, openPoolNode, orderOf, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
/** What `what` comes to before long: a busy machine takes its time. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 });

test("RESP-07: bytes of an action that had ended when the watch died are dropped at the next start, and nobody waits for them", async () => {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  const { options, rows, stop } = sendingTo(store, [node]);
  const [ended, open, second] = ["ended", "open", "second"].map((name) => orderOf(name));
  for (const order of [ended!, open!]) await leaseBytes(options, order);
  const cases = openDraft(new Map());
  const item = { sequence: 0, approvals: [] };
  writeCase(cases, "action", ended!.action.id, { ...item, action: ended!.action, state: "killed" });
  writeCase(cases, "action", open!.action.id, { ...item, action: open!.action, state: "signed" });
  await dropEnded(store, chainId, cases);
  expect((await rows()).map(({ state }) => state)).toEqual(["lost", "stored"]);
  const done = Promise.all([open!, second!].map((order) => sendAction(options, order)));
  await soon(async () => (await rows()).filter(({ nonce, state }) => nonce === 0 && state === "sent")).toHaveLength(1);
  stop.abort();
  await done;
});
