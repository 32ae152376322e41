import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterFold,
  afterHold,
  afterSetBack,
  afterSingles,
  calm,
  decideFolding,
  type Storm,
  windowMs,
} from "./Storm.ts";

test("DELIV-03: as many as a person can read go one by one, the rest waits for one digest a minute", () => {
  let storm: Storm = calm;
  expect(decideFolding(storm, 3, 0)).toEqual({ kind: "single", room: 3 });
  storm = afterSingles(storm, 3, 0);
  expect(decideFolding(storm, 3, 1_000)).toEqual({ kind: "single", room: 0 });
  storm = afterHold(storm, 1_000);
  storm = afterHold(storm, 2_000);
  expect(decideFolding(storm, 3, 60_999)).toEqual({ kind: "hold", until: 61_000 });
  expect(decideFolding(storm, 3, 61_000)).toEqual({ kind: "fold" });
  expect(decideFolding(afterFold(storm, 61_000), 3, 61_000)).toEqual({ kind: "single", room: 3 });
});

test("behavior: who wants no digests has none", () => {
  expect(decideFolding(afterSingles(calm, 1_000, 0), 0, 0)).toEqual({ kind: "single", room: Number.POSITIVE_INFINITY });
});

test("behavior: a clock that was set back holds nothing for longer than a window", () => {
  const folding = decideFolding(afterHold(calm, 1_000_000), 3, 0);
  expect(folding).toEqual({ kind: "hold", until: windowMs });
  const storm = afterSetBack(afterHold(calm, 1_000_000), 0);
  expect(decideFolding(storm, 3, windowMs)).toEqual({ kind: "fold" });
});

test("DELIV-03: however alerts come, no window sees more single messages than allowed, nor two digests", () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 30 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (steps, limit) => {
      let [storm, now, waiting]: [Storm, number, number] = [calm, 0, 0];
      const singles: number[] = [];
      const digests: number[] = [];
      for (const [after, count] of steps) {
        now += after;
        waiting += count;
        const folding = decideFolding(storm, limit, now);
        if (folding.kind === "fold") {
          if (waiting > 0) digests.push(now);
          waiting = 0;
          storm = afterFold(storm, now);
        } else if (folding.kind === "single") {
          const sent = Math.min(waiting, folding.room);
          storm = afterSingles(storm, sent, now);
          singles.push(...Array.from({ length: sent }, () => now));
          waiting -= sent;
          if (waiting > 0) storm = afterHold(storm, now);
        }
      }
      const most = (times: readonly number[]) =>
        Math.max(0, ...times.map((end) => times.filter((at) => at <= end && end - at < windowMs).length));
      expect(most(singles)).toBeLessThanOrEqual(limit);
      expect(most(digests)).toBeLessThanOrEqual(1);
    }),
  );
});
