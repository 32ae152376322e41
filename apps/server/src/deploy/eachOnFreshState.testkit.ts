// One world for a file of tests, each of which begins with the state that the world was opened in.
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { openWorld, type World } from "./world.testkit.ts";

/** Opens a world before the file's first test, gives it to `take`, and closes it after the last; each test is undone. */
export function eachOnFreshState(take: (world: World) => void): void {
  let world: World;
  let snapshot: unknown;
  beforeAll(async () => {
    world = await openWorld();
    take(world);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    snapshot = await world.node.request("evm_snapshot");
  });
  afterEach(async () => {
    await world.node.request("evm_revert", [snapshot]);
  });
}
