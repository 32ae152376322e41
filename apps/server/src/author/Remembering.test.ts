import type { Plain } from "@testudo/core/model/canonicalJson";
import { applyDraft, applyUndo, memoryOf, openDraft } from "@testudo/core/model/Memory";
import { expect, test } from "vitest";
import { type Remembering, rememberIn } from "./Remembering.ts";

const ref = { number: 1n, hash: "0x1", parentHash: "0x0", timestamp: 100n } as const;

/** Memory over blocks: each call is a block, and gives what takes it back. */
function openBlocks() {
  const cells = new Map<string, Plain>();
  const inBlock = <T>(judge: (c: Remembering) => T) => {
    const draft = openDraft(cells);
    const said = judge(rememberIn(memoryOf(draft, "d/", ref.timestamp), "v1/"));
    const undo = applyDraft(cells, draft, ref);
    return { said, takeBack: () => applyUndo(cells, undo) };
  };
  return { inBlock };
}

interface Row {
  seen: number;
  readonly by: string[];
}
const tableIn = (c: Remembering) => c.table<Row & { [key: string]: Plain }>("rows", { limit: 3 });

test("STREAM-01: a row that its handler changes in place comes back as it was in a reorg, and is the handler's alone", () => {
  const { inBlock } = openBlocks();
  inBlock((c) => tableIn(c).set("a", { seen: 1, by: ["x"] }));
  const { takeBack } = inBlock((c) => {
    const row = tableIn(c).get("a")!;
    row.seen += 1;
    row.by.push("y");
    tableIn(c).set("a", row);
    row.seen += 100;
    for (const [, listed] of tableIn(c).entries()) listed.by.push("z");
  });
  const rows = () => inBlock((c) => tableIn(c).entries()).said;
  expect(rows()).toEqual([["a", { seen: 2, by: ["x", "y"] }]]);
  takeBack();
  expect(rows()).toEqual([["a", { seen: 1, by: ["x"] }]]);
});

test.each([
  ["a number that is none", { z: 0 / 0 }, "z is NaN"],
  ["what has no form of its own in JSON", { of: new Map() }, "of is a Map"],
  ["code", { of: [() => 1] }, "of[0] is a function"],
])("error: %s is not remembered, for it would not come back after a new start", (_, value, said) => {
  const { inBlock } = openBlocks();
  expect(() => inBlock((c) => c.table("t", { limit: 3 }).set("k", value as never))).toThrow(said);
});

test("error: a row in a circle is not remembered, and no count takes in what is no number", () => {
  const { inBlock } = openBlocks();
  const circle: { own?: unknown } = {};
  circle.own = circle;
  expect(() => inBlock((c) => c.table("t", { limit: 3 }).set("k", circle as never))).toThrow("32 levels");
  expect(() => inBlock((c) => c.counter("n").add(Number.NaN))).toThrow('The counter "v1/counter:n" was fed NaN.');
});
