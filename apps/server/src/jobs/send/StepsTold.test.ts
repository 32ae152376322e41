import { afterAll, expect, test } from "vitest";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { openPoolNode, orderOf, refused, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

test("RESP-08: one of two nodes that takes and refuses bytes in turns has people told of it ever more seldom", async () => {
  const [liar, full] = [openPoolNode("liar"), openPoolNode("full")];
  let given = 0;
  for (const node of [liar, full])
    node.lie = ({ method }) => {
      if (method !== "eth_sendRawTransaction") return undefined;
      if (node === full) return refused("txpool is full");
      given += 1;
      return given % 2 === 0 ? refused("txpool is full") : `0x${"00".repeat(32)}`;
    };
  const { options, states, stop } = sendingTo(await fixture.empty(), [liar, full]);
  const startMs = performance.now();
  const done = sendAction(options, orderOf("pause"));
  await expect.poll(() => given, { timeout: 60_000 }).toBeGreaterThan(40);
  const seconds = (performance.now() - startMs) / 1_000;
  stop.abort();
  await done;
  expect(states().slice(0, 3)).toEqual(["signed", "broadcast", "dropped"]);
  // Each of two steps at once, once more, and then each time that it has taken twice as long.
  expect(states().length).toBeLessThanOrEqual(5 + 2 * Math.log2(seconds + 1));
});
