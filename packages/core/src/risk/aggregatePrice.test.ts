import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AskedFeed, aggregatePrice, type PriceRules } from "./aggregatePrice.ts";
import { toAskedFeeds, toColumns, toOutputs, vectorLayout } from "./aggregateRow.testkit.ts";
import { Fault, judgeFeed } from "./judgeFeed.ts";

const now = 1_800_000_000n;
const price = fc.bigInt(1n, 10n ** 30n);
const weight = fc.bigInt(1n, 10_000n);
const open: PriceRules = { quorum: 1, jumpQuorum: 1, maxSpreadBps: 10n ** 60n, maxJumpBps: 10n ** 60n, floorWad: 0n };

function feedOf(wad: bigint, its: bigint): AskedFeed {
  return { weight: its, heartbeat: 60n, maxConfBps: 0n, answer: { wad, stamp: now } };
}

function wadOf(feeds: readonly AskedFeed[]): bigint {
  const { aggregate } = aggregatePrice(feeds, open, 0n, now);
  return aggregate.kind === "price" ? aggregate.wad : -1n;
}

const feedsArbitrary = fc
  .array(fc.tuple(price, weight), { minLength: 1, maxLength: 7 })
  .map((pairs) => pairs.map(([wad, its]) => feedOf(wad, its)));

test("ORACLE-01: the twin reproduces every row of the contract's vectors", () => {
  const file = new URL("../../../../contracts/test/vectors/oracle.json", import.meta.url);
  const { columns, rows } = JSON.parse(readFileSync(file, "utf8")) as { columns: string[]; rows: string[][] };
  expect(columns).toEqual(vectorLayout.columns);
  expect(rows.length).toBeGreaterThanOrEqual(200);
  for (const [i, row] of rows.entries()) {
    const cells = row.map(BigInt);
    const { feeds, rules, anchorWad, now: at } = toAskedFeeds(cells);
    expect(toOutputs(aggregatePrice(feeds, rules, anchorWad, at)), `row ${i}`).toEqual(
      cells.slice(vectorLayout.inputs),
    );
    expect(toColumns(feeds, rules, anchorWad, at)).toEqual(cells.slice(0, vectorLayout.inputs));
  }
  // All kinds of answer, or the rows say little.
  const kinds = new Set(rows.map((row) => `${row[vectorLayout.inputs]}/${row[vectorLayout.inputs + 3]}`));
  expect([...kinds].sort()).toEqual(["0/0", "0/1", "1/0", "2/0", "3/0"]);
});

test("ORACLE-01: the price is one of the feeds' and does not depend on their order", () => {
  fc.assert(
    fc.property(feedsArbitrary, fc.nat(), (feeds, turn) => {
      const wad = wadOf(feeds);
      expect(feeds.some(({ answer }) => answer?.wad === wad)).toBe(true);
      const by = turn % feeds.length;
      expect(wadOf([...feeds.slice(by), ...feeds.slice(0, by)].reverse())).toBe(wad);
    }),
  );
});

test("ORACLE-02: feeds of less than half the weight cannot move the price out of the others' range", () => {
  fc.assert(
    fc.property(feedsArbitrary, fc.array(price, { minLength: 7, maxLength: 7 }), (feeds, lies) => {
      const total = feeds.reduce((sum, feed) => sum + feed.weight, 0n);
      let bad = 0n;
      const honest: bigint[] = [];
      const mixed = feeds.map((feed, i) => {
        if ((bad + feed.weight) * 2n >= total) {
          honest.push(feed.answer!.wad);
          return feed;
        }
        bad += feed.weight;
        return feedOf(lies[i]!, feed.weight);
      });
      const wad = wadOf(mixed);
      expect(honest.some((h) => h <= wad) && honest.some((h) => h >= wad)).toBe(true);
    }),
  );
});

test("ORACLE-04: raising one feed never lowers the price", () => {
  fc.assert(
    fc.property(feedsArbitrary, fc.nat(), price, (feeds, which, by) => {
      const i = which % feeds.length;
      const raised = feeds.map((feed, j) => (i === j ? feedOf(feed.answer!.wad + by, feed.weight) : feed));
      expect(wadOf(raised)).toBeGreaterThanOrEqual(wadOf(feeds));
    }),
  );
});

test("ORACLE-06: a price beyond the band has the jump quorum behind it and is degraded", () => {
  const jump = { ...open, jumpQuorum: 3, maxJumpBps: 500n };
  fc.assert(
    fc.property(feedsArbitrary, price, (feeds, anchor) => {
      const { aggregate } = aggregatePrice(feeds, jump, anchor, now);
      if (aggregate.kind === "refusal") {
        expect(aggregate.cause).toBe("jump");
        return;
      }
      const beyond = (wad: bigint) => (wad > anchor ? wad - anchor : anchor - wad) * 10_000n > anchor * 500n;
      expect(aggregate.degraded).toBe(beyond(aggregate.wad));
      if (aggregate.degraded)
        expect(feeds.filter(({ answer }) => beyond(answer!.wad)).length).toBeGreaterThanOrEqual(3);
    }),
  );
});

test("ORACLE-03: an answer is fit exactly within its bounds of price, time and confidence", () => {
  const rules = { weight: 1n, heartbeat: 60n, maxConfBps: 10n };
  const judge = (wad: bigint, stamp: bigint) => judgeFeed(rules, { wad, stamp }, 5n, now);
  expect([
    judge(5n, now),
    judge(4n, now),
    judge(0n, now),
    judge(2n ** 128n - 2n, now),
    judge(2n ** 128n - 1n, now),
    judge(5n, now - 60n),
    judge(5n, now - 61n),
    judge(5n, now + 60n),
    judge(5n, now + 61n),
    judge(5n, now | (10n << 40n)),
    judge(5n, now | (11n << 40n)),
    judge(5n, now | (8n << 56n)),
    judge(5n, now | (9n << 56n)),
    judge(5n, now | (1n << 56n)),
    judge(5n, now | (1n << 255n)),
  ]).toEqual([0, 4, 4, 0, 4, 0, 6, 0, 5, 0, 7, 8, 9, 3, 3]);
  expect(Fault.none).toBe(0);
});

test("ORACLE-05: no feed is no price, whatever the quorum says", () => {
  expect(aggregatePrice([], { ...open, quorum: 0 }, 1n, now).aggregate).toEqual({
    kind: "refusal",
    cause: "quorum",
    live: 0,
    bps: 0n,
  });
});
