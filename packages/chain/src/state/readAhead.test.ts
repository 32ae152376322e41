import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { describe, expect, test } from "vitest";
import { hashOf } from "./Question.ts";
import { readAhead } from "./readAhead.ts";

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const block = (n: number): BlockRef => ({
  number: BigInt(n),
  hash: hash(n),
  parentHash: hash(n - 1),
  timestamp: BigInt(n),
});
const blocks = (from: number, count: number) => Array.from({ length: count }, (_, i) => block(from + i));
const slot = (at: StateRead["at"], name = 1): StateRead => ({
  kind: "slot",
  at,
  address: `0x${"0a".repeat(20)}`,
  slot: hash(name),
});

/** Keeps answers as `openStateReader` does, and writes down what it had to ask a node for: one list for each request. */
function keepingReader(fails: () => boolean = () => false) {
  const requests: string[][] = [];
  const kept = new Map<string, StateAnswer>();
  return {
    requests,
    async read(ref: BlockRef, reads: readonly StateRead[]): Promise<StateAnswer[]> {
      const keys = reads.map((read) => {
        if (read.kind === "simulate" || read.kind === "remote") throw new Error("this is no guess");
        return keyOfRead({ ...read, at: { hash: hashOf(ref, read) } });
      });
      const open = keys.filter((key) => !kept.has(key));
      if (open.length > 0) requests.push(open);
      await Promise.resolve();
      if (fails()) throw new Error("away");
      for (const key of open) kept.set(key, { ok: true, value: key as Hex });
      return keys.map((key) => kept.get(key)!);
    },
  };
}

describe("readAhead", () => {
  test("behavior: answers as the reader below it, whatever was guessed", async () => {
    const below = keepingReader();
    const chain = blocks(1, 40);
    let at = 0;
    const reader = readAhead(below, (count) => chain.slice(at, at + count));
    for (const ref of chain) {
      at += 1;
      const reads = [slot("block"), slot("parent", Number(ref.number) % 3), slot({ hash: hash(999) })];
      expect(await reader.read(ref, reads)).toEqual(await keepingReader().read(ref, reads));
    }
  });

  test("behavior: a habit of reads takes a request for many blocks and not one for each", async () => {
    const below = keepingReader();
    const chain = blocks(1, 200);
    let at = 0;
    const reader = readAhead(below, (count) => chain.slice(at, at + count));
    for (const ref of chain) {
      at += 1;
      await reader.read(ref, [slot("block"), slot("parent")]);
    }
    expect(below.requests.length).toBeLessThan(20);
    // A block's state is its child's parent state: 201 blocks, each asked once.
    expect(new Set(below.requests.flat()).size).toBe(201);
    expect(below.requests.flat()).toHaveLength(201);
  });

  test("behavior: what each block asks for itself alone is not fetched for others, once there is a habit to compare with", async () => {
    const below = keepingReader();
    const chain = blocks(1, 200);
    let at = 0;
    const reader = readAhead(below, (count) => chain.slice(at, at + count));
    for (const ref of chain) {
      at += 1;
      await reader.read(ref, [slot("block"), slot("block", 1_000 + Number(ref.number))]);
    }
    // Two reads a block, and some that were guessed before the second block had been judged.
    const asked = new Set(below.requests.flat()).size;
    expect(asked).toBeGreaterThanOrEqual(400);
    expect(asked).toBeLessThan(420);
    expect(below.requests.length).toBeLessThan(240);
  });

  test("behavior: reaches less and less far where blocks do not ask", async () => {
    const below = keepingReader();
    const chain = blocks(1, 400);
    let at = 0;
    const reader = readAhead(below, (count) => chain.slice(at, at + count));
    for (const ref of chain) {
      at += 1;
      if (Number(ref.number) % 40 === 0) await reader.read(ref, [slot("block")]);
    }
    // Ten blocks asked. A reach that stayed at four would have fetched for forty others.
    expect(below.requests.flat().length).toBeLessThan(25);
  });

  test("behavior: fetches for few blocks at a time, the next first, and nothing twice that is under way", async () => {
    const asked: string[][] = [];
    const waiting: (() => void)[] = [];
    const below = {
      async read(ref: BlockRef, reads: readonly StateRead[]): Promise<StateAnswer[]> {
        asked.push(reads.map(keyOfRead));
        if (ref.number > 5n) await new Promise<void>((resolve) => void waiting.push(resolve));
        return reads.map(() => ({ ok: true, value: "0x" }));
      },
    };
    const chain = blocks(2, 400);
    const reader = readAhead(below, () => chain);
    // Fifty reads a block: two blocks a request, of which each has the parent of the other.
    const habit = Array.from({ length: 25 }, (_, i) => [slot("block", i), slot("parent", i)]).flat();
    for (const ref of blocks(1, 5)) await reader.read(ref, habit);
    await new Promise(setImmediate);
    const before = asked.length;
    expect(waiting).toHaveLength(4);
    while (waiting.length > 0) {
      waiting.shift()!();
      await new Promise(setImmediate);
      expect(waiting.length).toBeLessThanOrEqual(4);
    }
    expect(asked.length).toBeGreaterThan(before);
    const ahead = asked.flat().filter((key) => /slot:0x/.test(key));
    expect(new Set(ahead).size).toBe(ahead.length);
  });

  test("behavior: fetches for nothing that is not coming, as at the head of the chain", async () => {
    const below = keepingReader();
    const reader = readAhead(below, () => []);
    for (const ref of blocks(1, 10)) await reader.read(ref, [slot("block")]);
    expect(below.requests).toHaveLength(10);
  });

  test("error: a failed guess is asked again by whoever needs it", async () => {
    let away = false;
    const below = keepingReader(() => away);
    const reader = readAhead(below, () => blocks(2, 4));
    away = true;
    await expect(reader.read(block(1), [slot("block")])).rejects.toThrow("away");
    away = false;
    expect(await reader.read(block(2), [slot("block")])).toHaveLength(1);
  });

  test("behavior: foresees what was fetched, and goes on when it is told what was used", async () => {
    const below = keepingReader();
    const chain = blocks(1, 200);
    let at = 0;
    const reader = readAhead(below, (count) => chain.slice(at, at + count));
    const reads = [slot("block"), slot("parent")];
    let waited = 0;
    for (const ref of chain) {
      at += 1;
      const foresight = await reader.foresee(ref);
      if (foresight === undefined) {
        waited += 1;
        await reader.read(ref, reads);
        continue;
      }
      expect(foresight.answers.map(([, answer]) => answer)).toEqual(await keepingReader().read(ref, reads));
      expect(foresight.answers.map(([key]) => key)).toEqual(reads.map(keyOfRead));
      foresight.used(reads);
    }
    expect(waited).toBe(1);
    expect(below.requests.length).toBeLessThan(20);
  });

  test("error: foresees nothing where a guess failed", async () => {
    let away = false;
    const reader = readAhead(
      keepingReader(() => away),
      () => blocks(2, 4),
    );
    away = true;
    await expect(reader.read(block(1), [slot("block")])).rejects.toThrow("away");
    expect(await reader.foresee(block(2))).toBeUndefined();
  });
});
