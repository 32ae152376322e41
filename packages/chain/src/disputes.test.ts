// What one node of two can do to the stream by a chain of its own.
import { afterEach, expect, test } from "vitest";
import { type Recording, record, describe as tell } from "./collect.testkit.ts";
import type { Disputed } from "./Dispute.ts";
import { type FakeChain, makeChain } from "./fakeChain.testkit.ts";
import { serveCalls } from "./faultyNode.testkit.ts";
import { openEndpoint } from "./rpcEndpoint.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A watch over a node of each chain, in their order, that has taken what they had in common. A node goes over to what is put in its place. */
async function watch(chains: Record<string, FakeChain>) {
  const endpoints = [];
  for (const label of Object.keys(chains)) {
    const node = await serveCalls((call) => chains[label]!.answer(call));
    const endpoint = openEndpoint(node.url, { label });
    closers.push(node.close, endpoint.close);
    endpoints.push(endpoint);
  }
  const disputed: (string | undefined)[] = [];
  const [first] = Object.values(chains);
  const recording: Recording = record({
    ...{ endpoints, scopes: ["L"], from: first!.blocks[0]!, blockTimeMs: 200 },
    onDisputed: (told: Disputed | undefined) =>
      void disputed.push(
        told &&
          [told.taken, ...told.others]
            .map(({ ref, endpoints: by }) => `${by.map(({ label }) => label).join()} ${ref.number}`)
            .join(" / "),
      ),
  });
  closers.push(() => recording.stop());
  await recording.until(({ known }) => known.at(-1)?.hash === first!.blocks.at(-1)?.hash);
  return { recording, disputed };
}

test("STREAM-05: of two nodes one that runs ahead on a chain of its own does not hide the other's", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  const chains = { honest, liar };
  const { recording, disputed } = await watch(chains);
  liar.reorg(0, 5);
  await recording.until(({ known }) => known.at(-1)?.number === 14n);
  honest.mine(1);
  await recording.until(() => disputed.length > 0);
  expect(disputed[0]).toBe("liar 14 / honest 10");
  expect(recording.troubles.map(tell)).toContain("endpoint-disagrees (freeze)");
  // It ends where both go the same way, however far ahead the one has been.
  chains.liar = honest;
  honest.mine(1);
  await recording.until(() => disputed.at(-1) === undefined);
});
