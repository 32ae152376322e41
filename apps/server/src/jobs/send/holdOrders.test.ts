import type { Command, Commit } from "@testudo/core/model/Output";
import { hashOf } from "@testudo/core/model/Record";
import { afterEach, expect, test } from "vitest";
import { holdOrders } from "./holdOrders.ts";
import { orderOf, ruleOrderOf } from "./pool.testkit.ts";

let stop = new AbortController();
afterEach(() => stop.abort());

const [pause, rule] = [orderOf("pause"), ruleOrderOf("rule")];

interface Place {
  chain?: bigint;
  judged?: bigint;
  /** Whether the nodes have what is judged. */
  stands?: boolean;
}

const refOf = (number: bigint) => ({
  ...{ number, timestamp: 0n },
  hash: hashOf(number),
  parentHash: hashOf("parent"),
});

/** Orders that are held behind `place`, and what was run of them. */
function holding(place: Place, mostMs = 60_000) {
  stop = new AbortController();
  const ran: Command[] = [];
  const held = holdOrders([pause, rule], {
    chainHead: () => place.chain,
    judged: () => (place.judged === undefined ? undefined : refOf(place.judged)),
    stands: () => place.stands ?? true,
    ...{ signal: stop.signal, lookEveryMs: 1, mostMs },
    run: (command) => void ran.push(command),
  });
  return { held, ran };
}
const looks = () => new Promise((resolve) => setTimeout(resolve, 30));

test("GATE-02: an order of before the start waits until the blocks since are judged, and is dropped where its action ends by them", async () => {
  const place: Place = { judged: 4n };
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

test("GATE-02: what was judged before the start and is on no branch of the nodes lets no order go, however short their chain is", async () => {
  const place: Place = { chain: 3n, judged: 4n, stands: false };
  const { ran } = holding(place);
  await looks();
  expect(ran).toEqual([]);
  place.stands = true;
  await expect.poll(() => ran).toEqual([pause, rule]);
});

test("GATE-02: a head that was told before all nodes were heard is not what has to be judged", async () => {
  const place: Place = { chain: 4n, judged: 4n, stands: false };
  const { ran } = holding(place);
  await looks();
  Object.assign(place, { chain: 9n, stands: true });
  await looks();
  expect(ran).toEqual([]);
  place.judged = 9n;
  await expect.poll(() => ran).toEqual([pause, rule]);
});

test("RESP-08: a head that one node alone claimed at the start holds nothing once the others are heard", async () => {
  const place: Place = { chain: 2n ** 60n, judged: 4n };
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
