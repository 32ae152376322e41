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
  expect(judged.listed).toHaveLength(86);
});

test("BAR-04, EVAL-08: of 86 recorded honest transactions none is high", () => {
  const told = [...judged.severities].filter(([, severity]) => severity !== "nothing");
  expect(Object.fromEntries(told)).toEqual({
    // Arbitrage and liquidations with a loan that leave a gain.
    "12412732-3.json.gz": "medium",
    "12483198-0.json.gz": "medium",
    "13179291-0.json.gz": "medium",
    "13244807-1.json.gz": "medium",
    "13404932-3.json.gz": "medium",
    "14422990-1.json.gz": "medium",
    "14621812-13.json.gz": "medium",
    // Calls that lead back by design: a token that swaps within its own transfer, a proxy whose code is called, a vault and its controller.
    "11473321-20.json.gz": "medium",
    "13323642-18.json.gz": "medium",
    "13666363-2.json.gz": "medium",
    "14621812-9.json.gz": "medium",
    "14659109-9.json.gz": "medium",
    "15049646-5.json.gz": "medium",
    // A flash loan's borrower deposits with the lender.
    "13666326-9.json.gz": "low",
  });
});
