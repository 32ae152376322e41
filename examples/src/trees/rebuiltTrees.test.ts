import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { type JudgedFolder, judgeFolder } from "./judgeFolder.testkit.ts";

let judged: JudgedFolder;
beforeAll(async () => {
  judged = await judgeFolder(fileURLToPath(new URL("../../trees/", import.meta.url)));
}, 120_000);

const from = (kind: string) => [...judged.severities].filter(([file]) => file.startsWith(kind));

test("behavior: the list names every tree that is there", () => {
  expect(judged.listed).toEqual(judged.present);
  expect([from("attack").length, from("honest").length]).toEqual([107, 110]);
});

test("BAR-04, EVAL-08: of 107 rebuilt attacks all but these are critical without configuration", () => {
  expect(Object.fromEntries(from("attack").filter(([, severity]) => severity !== "critical"))).toEqual({
    "attack-2022-05-08-fortress.json.gz": "high",
    "attack-2022-09-10-dpc.json.gz": "medium",
    "attack-2023-01-17-omni-estate.json.gz": "nothing",
    "attack-2024-01-23-soul-mate.json.gz": "high",
    "attack-2024-06-27-will.json.gz": "medium",
    "attack-2025-03-05-one-inch-fusion-v1.json.gz": "medium",
  });
});

test("BAR-04, EVAL-08: of 110 honest transactions none but this is critical", () => {
  // Who claims for each of many wallets that he makes does what those do who are nobody and claim for many.
  const critical = from("honest").filter(([, severity]) => severity === "critical");
  expect(critical.map(([file]) => file)).toEqual(["honest-airdrop-merkle-batch.json.gz"]);
});
