import { afterAll, beforeAll, expect, test } from "vitest";
import { crashPoints, crashSender } from "./crashSender.ts";
import { makeFolder, openTill, type TillWorld } from "./till.testkit.ts";

const folder = makeFolder();
let world: TillWorld;
beforeAll(async () => {
  world = await openTill();
});
afterAll(async () => {
  await world?.close();
  folder.remove();
});

test("RESP-10: a crash at each step from lease to receipt leaves one effect on chain, one nonce, one set of bytes", async () => {
  expect(await crashSender(world, folder.path, crashPoints)).toEqual([]);
}, 180_000);
