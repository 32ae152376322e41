// Real transactions, unlike those of `rebuiltTrees`: nobody has chosen their shapes.
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { type JudgedFolder, judgeFolder } from "./judgeFolder.testkit.ts";

let judged: JudgedFolder;
beforeAll(async () => {
  judged = await judgeFolder(fileURLToPath(new URL("../../trees/recorded/", import.meta.url)));
}, 120_000);

test("behavior: the list of recorded trees names every tree that is there", () => {
  expect([...judged.listed].sort()).toEqual([...judged.present].sort());
  expect(judged.listed.length).toBeGreaterThanOrEqual(58);
});

test("BAR-04, EVAL-08: of recorded honest transactions none is high, and these are medium", () => {
  expect(Object.fromEntries([...judged.severities].filter(([, severity]) => severity !== "nothing"))).toEqual({
    // Arbitrage and liquidations with a loan that leave a gain.
    "12483198-0.json.gz": "medium",
    "13179291-0.json.gz": "medium",
    "13244807-1.json.gz": "medium",
    // A token with a fee that swaps within its own transfer.
    "13323642-18.json.gz": "medium",
    // A vault whose call passes through its controller and back.
    "13666363-2.json.gz": "medium",
  });
});
