import type { Command, Commit } from "@testudo/core/model/Output";
import { afterEach, expect, test } from "vitest";
import { holdOrders } from "./holdOrders.ts";
import { orderOf, ruleOrderOf } from "./pool.testkit.ts";

let stop = new AbortController();
afterEach(() => stop.abort());

const [pause, rule] = [orderOf("pause"), ruleOrderOf("rule")];

/** Orders that are held behind `place`, and what was run of them. */
function holding(place: { chain?: bigint; judged?: bigint }, mostMs = 60_000) {
  stop = new AbortController();
  const ran: Command[] = [];
  const held = holdOrders([pause, rule], {
    ...{ chainHead: () => place.chain, judged: () => place.judged, signal: stop.signal, lookEveryMs: 1, mostMs },
    run: (command) => void ran.push(command),
  });
  return { held, ran };
}
const looks = () => new Promise((resolve) => setTimeout(resolve, 30));

test("GATE-02: an order of before the start waits until the blocks since are judged, and is dropped where its action ends by them", async () => {
  const place: { chain?: bigint; judged?: bigint } = { judged: 4n };
  const { held, ran } = holding(place);
  await looks();
  place.chain = 9n;
  await looks();
  expect(ran).toEqual([]);
  const records = [{ kind: "ActionStatus", action: rule.action.id, state: "stale" }];
  held.onStored({ records } as unknown as Commit);
  place.judged = 9n;
  await expect.poll(() => ran).toEqual([pause]);
});

test("RESP-08: a head that one node alone claimed at the start holds nothing once the others are heard", async () => {
  const place: { chain?: bigint; judged?: bigint } = { chain: 2n ** 60n, judged: 4n };
  const { ran } = holding(place);
  await looks();
  place.chain = 4n;
  await expect.poll(() => ran).toEqual([pause, rule]);
});

test("RESP-08: a head that never comes holds no pause for ever, but a rule", async () => {
  const { ran } = holding({ chain: 2n ** 60n, judged: 4n }, 20);
  await expect.poll(() => ran).toEqual([pause]);
  await looks();
  expect(ran).toEqual([pause]);
});
