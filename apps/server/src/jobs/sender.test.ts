import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { expect, test } from "vitest";
import type { SendOptions } from "./send.ts";
import { openSender } from "./sender.ts";

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
