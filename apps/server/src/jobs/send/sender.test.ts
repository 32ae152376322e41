import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { afterAll, expect, test, vi } from "vitest";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { Late, openPoolNode, orderOf, refused, sendingTo } from "./pool.testkit.ts";
import type { SendOptions } from "./send.ts";
import { openSender } from "./sender.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);
const endedAs = (action: Hex, state: string) =>
  ({ records: [{ kind: "ActionStatus", action, state }] }) as unknown as Commit;

test.each([
  ["stale", true],
  ["killed", true],
  ["stale", false],
])(
  "GATE-02: of an action that ends as %s while it is sent, people are told that it left where it did: %s",
  async (state, isOut) => {
    const node = openPoolNode("node");
    let go = () => {};
    const isHeld = new Promise<void>((resolve) => {
      node.lie = async ({ method }) => {
        if (method !== (isOut ? "eth_sendRawTransaction" : "eth_maxPriorityFeePerGas")) return undefined;
        resolve();
        await new Promise<void>((released) => {
          go = released;
        });
        return isOut ? new Late() : undefined;
      };
    });
    const { options, told, stop } = sendingTo(await fixture.empty(), [node]);
    const sender = openSender(options);
    const order = orderOf("pause");
    sender.add(order);
    await isHeld;
    sender.onStored(endedAs(order.action.id, state));
    const before = told.length;
    go();
    if (isOut) await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(before);
    else await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told.map((one) => one.state)).toEqual(["signed", ...(isOut ? ["broadcast"] : [])]);
    stop.abort();
    await sender.close();
  },
);

test("RESP-10: a pause that a reorg has sent anew while the loop before is at work on its bytes does not end by that", async () => {
  const node = openPoolNode("node");
  const held: (() => void)[] = [];
  let isUsed = true;
  let isHolding = false;
  node.lie = async ({ method }) => {
    if (method === "eth_sendRawTransaction" && isUsed) return refused("nonce too low");
    if (method === "eth_getBalance" && isHolding) await new Promise<void>((resolve) => held.push(resolve));
    return undefined;
  };
  const { options, states, stop, rows } = sendingTo(await fixture.empty(), [node]);
  const sender = openSender(options);
  const order = orderOf("pause");
  sender.add(order);
  await expect.poll(async () => (await rows()).length, { timeout: 20_000 }).toBe(1);
  isHolding = true;
  // The nonce is called used, and other bytes are being made, when a block has the pause, and then has it no more.
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1);
  sender.onStored(endedAs(order.action.id, "active"));
  isUsed = false;
  const real = performance.now.bind(performance);
  sender.add(order);
  vi.spyOn(performance, "now").mockImplementation(() => real() + 13_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let i = 0; i < 40; i++) {
    held.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  isHolding = false;
  for (const go of held) go();
  await expect.poll(() => node.taken.length, { timeout: 20_000 }).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(states()).not.toContain("failed");
  vi.restoreAllMocks();
  stop.abort();
  await sender.close();
});

test("error: a database that is away when an action has ended is asked again, and ends no process", async () => {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => void unheard.push(error);
  process.on("unhandledRejection", hear);
  let asked = 0;
  const db = {
    updateTable(): never {
      asked += 1;
      throw new Error("the database is away");
    },
  };
  const stop = new AbortController();
  const sender = openSender({ store: { db }, signal: stop.signal } as unknown as SendOptions);
  const ended = { kind: "ActionStatus", action: `0x${"ac".repeat(32)}` as Hex, state: "killed" };
  sender.onStored({ records: [ended] } as unknown as Commit);
  await expect.poll(() => asked, { timeout: 3_000 }).toBe(2);
  process.off("unhandledRejection", hear);
  expect(unheard).toEqual([]);
  stop.abort();
  await sender.close();
});
