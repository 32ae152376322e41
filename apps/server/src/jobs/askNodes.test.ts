import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { expect, test } from "vitest";
import { askAll } from "./askNodes.ts";

const [one, two, three] = ["one", "two", "three"].map((label) => ({ label }) as Endpoint);

/** How long answers of `late` ms each take to be had, and which. */
async function asked(late: ReadonlyMap<Endpoint, number>) {
  const startMs = performance.now();
  const answers = await askAll([...late.keys()], async ({ label }) => {
    const ms = [...late].find(([endpoint]) => endpoint.label === label)![1];
    await new Promise((resolve) => (ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, ms)));
    return label;
  });
  return { answers, ms: performance.now() - startMs };
}

test("RESP-08: one of two nodes that hangs holds an action up for three seconds at each question, and no longer", async () => {
  const { answers, ms } = await asked(
    new Map([
      [one!, 0],
      [two!, Number.POSITIVE_INFINITY],
    ]),
  );
  expect(answers).toEqual(["one"]);
  expect(ms).toBeGreaterThan(2_900);
  expect(ms).toBeLessThan(4_500);
});

test("RESP-08: one of two nodes that takes two seconds is heard: the other does not decide alone", async () => {
  const { answers } = await asked(
    new Map([
      [one!, 0],
      [two!, 2_000],
    ]),
  );
  expect(answers).toEqual(["one", "two"]);
});

test("RESP-08: where more than half have answered the rest has half a second", async () => {
  const { answers, ms } = await asked(
    new Map([
      [one!, 0],
      [two!, 100],
      [three!, Number.POSITIVE_INFINITY],
    ]),
  );
  expect(answers).toEqual(["one", "two"]);
  expect(ms).toBeLessThan(1_500);
});

test("RESP-08: a fault of ours that one node's answer brings out takes no other's answer away, and is told where none answers", async () => {
  const fault = new TypeError("Cannot convert object to primitive value");
  const askBut = (bad: readonly Endpoint[]) =>
    askAll([one!, two!], async (endpoint) => {
      if (bad.includes(endpoint)) throw fault;
      return endpoint.label;
    });
  expect(await askBut([one!])).toEqual(["two"]);
  await expect(askBut([one!, two!])).rejects.toBe(fault);
});
