import { expect, test } from "vitest";
import { playDropOut } from "./dropOut.ts";

test("RESP-11, STREAM-13: with a node away for 30 s during the attack nothing is sent, no block is lost, and then one pause goes out", async () => {
  expect(await playDropOut(30_000)).toEqual([]);
});
