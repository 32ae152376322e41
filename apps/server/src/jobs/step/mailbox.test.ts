import type { Input } from "@testudo/core/model/Input";
import { expect, test } from "vitest";
import { openMailbox } from "./mailbox.ts";

// Only what kind they are of is looked at.
const inputOf = (kind: Input["kind"], name: string) => ({ kind, name }) as unknown as Input;
const nameOf = (input: Input | undefined) => (input as { readonly name?: string } | undefined)?.name;

test("PRE-08: pending transactions wait for all blocks that are here, and people for neither", async () => {
  const mailbox = openMailbox();
  for (const name of ["p1", "p2"]) void mailbox.deliver(inputOf("pending", name));
  for (const name of ["b1", "b2"]) void mailbox.offer(inputOf("block", name));
  mailbox.push(inputOf("mode", "m"));
  const taken: (string | undefined)[] = [];
  for (let i = 0; i < 5; i += 1) taken.push(nameOf(await mailbox.take()));
  expect(taken).toEqual(["m", "b1", "b2", "p1", "p2"]);
});

test("PRE-08: while blocks are looked up a pending transaction is nothing that anybody has said", async () => {
  const mailbox = openMailbox();
  void mailbox.deliver(inputOf("pending", "p"));
  expect(mailbox.takeSaid()).toBeUndefined();
  const waiting = mailbox.take();
  expect(nameOf(await waiting)).toBe("p");
  const woken = mailbox.take();
  void mailbox.deliver(inputOf("pending", "late"));
  expect(nameOf(await woken)).toBe("late");
});

test("behavior: what is left when it closes is still given, and nobody is told that it was stored", async () => {
  const mailbox = openMailbox();
  const stored = mailbox.deliver(inputOf("pending", "p"));
  mailbox.close();
  expect(nameOf(await mailbox.take())).toBe("p");
  expect(await mailbox.take()).toBeUndefined();
  expect(await stored).toBe(false);
});
