// What tests of sending have in common: an empty store each, what ends with each test, and patience.
import { afterAll, afterEach, expect } from "vitest";
import { storeFixture } from "../../store/storeFolder.testkit.ts";

/** Stores for the tests of a file, and what is to be closed after each, the newest first. */
export async function sendFixture() {
  const fixture = await storeFixture();
  afterAll(fixture.remove);
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return { fixture, closers };
}

/** What `what` comes to before long: a busy machine takes its time. */
export const soon = <T>(what: () => T): ReturnType<typeof expect.poll<T>> => expect.poll(what, { timeout: 20_000 });
