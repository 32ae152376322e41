import { afterAll, beforeAll, expect, test } from "vitest";
import { crashSender } from "./crashSender.ts";
import { makeFolder, openTill, type TillWorld } from "./till.testkit.ts";

// `npm run soak` draws from the points between these too, and any number of times.
const points = ["lease", "sign", "store", "broadcast", "receipt"] as const;
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
  expect(await crashSender(world, folder.path, points)).toEqual([]);
});
