import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { describe, expect, test } from "vitest";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { makeHeadHints } from "./HeadHints.ts";

const blockMs = 12_000;
const pollMs = 1_000;

const refOf = (number: number): BlockRef => {
  const hash = `0x${number.toString(16).padStart(64, "0")}` as const;
  return { number: BigInt(number), hash, parentHash: hash, timestamp: BigInt(number) };
};

/** Hints of one socket, or more, under a clock that stands until it is set. `drawn` is what chance says. */
function makeScene({ sockets = 1, drawn = 0.5 } = {}) {
  const clock = { ms: 1_000_000 };
  const troubles: StreamTrouble[] = [];
  const renewed: string[] = [];
  let given = -1n;
  const hints = makeHeadHints({
    pollMs,
    blockTimeMs: () => blockMs,
    isKnown: ({ number, hash }) => number <= given && hash === refOf(Number(number)).hash,
    troubles: makeTroubleBook(
      (trouble) => troubles.push(trouble),
      () => false,
    ),
    now: () => clock.ms,
    random: () => drawn,
  });
  const listeners = Array.from({ length: sockets }, (_, i) => hints.listen(`wss://${i}`));
  for (const listener of listeners) listener.onOpen((why) => renewed.push(why));
  clock.ms += pollMs;
  const scene = {
    clock,
    hints,
    listeners,
    troubles,
    renewed,
    /** A quorum names a block, and the clock stands where it was first told. */
    give(number: number) {
      given = BigInt(number);
      hints.judge(refOf(number), clock.ms);
    },
    /** Blocks that the first socket announces 200 ms before they are found, a block time apart. */
    announce(from: number, count: number) {
      for (let n = from; n < from + count; n++) {
        clock.ms += n === from ? 0 : blockMs - 200;
        listeners[0]!.onHint(refOf(n));
        clock.ms += 200;
        scene.give(n);
      }
    },
  };
  return scene;
}

const told = (troubles: readonly StreamTrouble[]) => troubles.map(({ trouble, freeze }) => `${trouble} ${freeze}`);
// Between 1 s and 12 s, half way.
const rested = 6_500;

describe("STREAM-15: questions are saved", () => {
  test("after three blocks in a row that were announced, until a random moment within a block time", () => {
    const { hints, announce } = makeScene();
    const rests = [1, 2, 3].map((n) => {
      announce(n, 1);
      return hints.restMs();
    });
    expect(rests).toEqual([pollMs, pollMs, rested]);
    for (const [drawn, ms] of [
      [0, pollMs],
      [1, blockMs],
    ] as const) {
      const other = makeScene({ drawn });
      other.announce(1, 3);
      expect(other.hints.restMs()).toBe(ms);
    }
  });

  test("no longer when the socket is silent for more than a block time, and everyone is asked at once", () => {
    const { hints, announce, clock } = makeScene();
    announce(1, 3);
    clock.ms += blockMs - 200;
    expect(hints.restMs()).toBe(rested);
    const before = hints.wakes;
    clock.ms += 1;
    hints.tick();
    expect([hints.wakes - before, hints.restMs()]).toEqual([1, pollMs]);
    announce(4, 1);
    expect(hints.restMs()).toBe(rested);
  });

  test("no longer when the socket is lost, and everyone is asked at once", () => {
    const { hints, announce, listeners } = makeScene();
    announce(1, 3);
    expect(hints.restMs()).toBe(rested);
    const before = hints.wakes;
    listeners[0]!.onLost("it was closed with code 1006");
    expect([hints.wakes - before, hints.restMs()]).toEqual([1, pollMs]);
  });

  test("no longer when a block is found that was not announced within a second", () => {
    const { hints, announce, give, clock, listeners } = makeScene();
    announce(1, 3);
    clock.ms += 5_000;
    give(4);
    expect(hints.restMs()).toBe(rested);
    clock.ms += 1_001;
    hints.tick();
    expect(hints.restMs()).toBe(pollMs);
    // Late is no better than never.
    listeners[0]!.onHint(refOf(4));
    announce(5, 2);
    expect(hints.restMs()).toBe(pollMs);
    announce(7, 1);
    expect(hints.restMs()).toBe(rested);
  });

  test("still when the announcement comes within a second after the block", () => {
    const { hints, announce, give, clock, listeners } = makeScene();
    announce(1, 3);
    clock.ms += 5_000;
    give(4);
    clock.ms += 900;
    listeners[0]!.onHint(refOf(4));
    clock.ms += 1_000;
    hints.tick();
    expect(hints.restMs()).toBe(rested);
  });

  test("by nobody who tells the right number and another hash", () => {
    const { hints, give, clock, listeners } = makeScene();
    for (let n = 1; n <= 20; n++) {
      clock.ms += blockMs;
      listeners[0]!.onHint({ number: BigInt(n), hash: `0x${"ee".repeat(32)}` });
      give(n);
      hints.tick();
      expect(hints.restMs()).toBe(pollMs);
    }
  });

  test("while one of two sockets keeps pace", () => {
    const { hints, announce, listeners } = makeScene({ sockets: 2 });
    announce(1, 3);
    listeners[1]!.onLost("it was closed with code 1006");
    expect(hints.restMs()).toBe(rested);
  });

  test("by nobody whose hints are too many to follow", () => {
    const { hints, announce, listeners } = makeScene();
    announce(1, 3);
    for (let n = 100; n < 120; n++) listeners[0]!.onHint(refOf(n));
    expect(hints.restMs()).toBe(pollMs);
  });

  test("never where the block time is not known or is shorter than the usual wait", () => {
    for (const ms of [undefined, 500]) {
      const troubles = makeTroubleBook(
        () => {},
        () => false,
      );
      const hints = makeHeadHints({ pollMs, blockTimeMs: () => ms, isKnown: () => false, troubles, now: () => 5_000 });
      const listener = hints.listen("wss://0");
      listener.onOpen(() => {});
      for (let n = 1; n <= 5; n++) {
        listener.onHint(refOf(n));
        hints.judge(refOf(n), 5_000);
      }
      expect(hints.restMs()).toBe(pollMs);
    }
  });
});

describe("STREAM-15: a hint has everyone asked", () => {
  test("ten times from one socket, then once each usual wait and each block that it announced", () => {
    const { hints, listeners, clock, give } = makeScene();
    clock.ms += 60_000;
    const flood = () => {
      for (let n = 1_000; n < 6_000; n++) listeners[0]!.onHint(refOf(n));
      return hints.wakes;
    };
    expect(flood()).toBe(10);
    expect(flood()).toBe(10);
    clock.ms += pollMs;
    expect(flood()).toBe(11);
    give(5_990);
    expect(flood()).toBe(12);
  });

  test("not for a block that is known", () => {
    const { hints, announce, listeners } = makeScene({ sockets: 2 });
    announce(1, 1);
    const before = hints.wakes;
    listeners[1]!.onHint(refOf(1));
    expect(hints.wakes).toBe(before);
  });

  test("and again until the height is reached, for a block time at most", () => {
    const { hints, listeners, clock } = makeScene();
    expect(hints.isWanted(5n)).toBe(false);
    listeners[0]!.onHint(refOf(6));
    expect([undefined, 5n, 6n, 7n].map(hints.isWanted)).toEqual([true, true, false, false]);
    clock.ms += blockMs;
    expect(hints.isWanted(5n)).toBe(false);
  });

  test("a sleeper wakes with it, and one that heard less does not fall asleep", async () => {
    const { hints, listeners } = makeScene();
    const { signal } = new AbortController();
    const heard = hints.wakes;
    const sleeping = hints.doze(heard, 600_000, signal);
    listeners[0]!.onHint(refOf(6));
    expect(await sleeping).toBe(true);
    expect(await hints.doze(heard, 600_000, signal)).toBe(true);
    expect(await hints.doze(hints.wakes, 1, signal)).toBe(false);
    expect(await hints.doze(hints.wakes, 600_000, AbortSignal.abort())).toBe(true);
  });
});

describe("STREAM-15: a lost socket is told", () => {
  test("once, without a freeze, and once when it has announced a block again", () => {
    const { hints, announce, listeners, troubles } = makeScene();
    const [listener] = listeners;
    for (let i = 0; i < 3; i++) {
      listener!.onLost("Unexpected server response: 503");
      hints.tick();
    }
    expect(told(troubles)).toEqual(["heads-lost false"]);
    expect(troubles[0]).toMatchObject({
      endpoint: "wss://0",
      message: "wss://0 tells no heads: Unexpected server response: 503. They are asked for meanwhile.",
    });
    listener!.onOpen(() => {});
    hints.tick();
    expect(troubles).toHaveLength(1);
    announce(1, 2);
    expect(told(troubles)).toEqual(["heads-lost false", "recovered false"]);
    expect(troubles[1]).toMatchObject({ over: "heads-lost", endpoint: "wss://0" });
  });

  test("one that misses three blocks in a row is connected anew", () => {
    const { hints, give, clock, renewed } = makeScene();
    for (let n = 1; n <= 3; n++) {
      expect(renewed).toEqual([]);
      give(n);
      clock.ms += blockMs;
      hints.tick();
    }
    expect(renewed).toEqual(["it told of none of the last 3 blocks"]);
  });

  test("a block that was found before or just after the subscription is none that it missed", () => {
    const { hints, give, clock, renewed, listeners } = makeScene();
    listeners[0]!.onOpen((why) => renewed.push(why));
    for (let n = 1; n <= 5; n++) {
      clock.ms += 100;
      give(n);
    }
    clock.ms += 60_000;
    hints.tick();
    expect(renewed).toEqual([]);
  });
});
