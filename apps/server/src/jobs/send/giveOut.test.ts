import { afterAll, expect, test } from "vitest";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { giveOut, remind } from "./giveOut.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { openPoolNode, orderOf, sendingTo } from "./pool.testkit.ts";
import type { Relay } from "./Relay.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

test("RESP-12: a look at bytes that have not left begins no count of blocks for them", async () => {
  const store = await fixture.empty();
  const { options } = sendingTo(store, [openPoolNode("node")]);
  const { tx } = await leaseBytes(options, orderOf("pause"));
  let offers = 0;
  const relay: Relay = {
    terms: { name: "relay", publicAfterBlocks: 2 },
    offer: async () => {
      offers += 1;
      return { kind: "taken" };
    },
    close() {},
  };
  const relayed = { ...options, relay };
  const countFrom = async () => (await store.db.selectFrom("transactions").select("relay_block").execute())[0];
  expect(await remind(relayed, tx)).toEqual({ kind: "held" });
  expect([await countFrom(), offers]).toEqual([{ relay_block: null }, 0]);
  expect(await giveOut(relayed, tx)).toMatchObject({ kind: "out" });
  expect([await countFrom(), offers]).toEqual([{ relay_block: 1 }, 1]);
});
