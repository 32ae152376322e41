import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { detectFiles } from "testudo/detect/detectFiles";
import { beforeAll, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../trees/", import.meta.url));
const [, ...listed] = readFileSync(`${folder}index.tsv`, "utf8").trim().split("\n");
const files = listed.map((line) => line.split("\t")[0]!);
/** File → how severe, or why it could not be judged. */
const severities = new Map<string, string>();

beforeAll(async () => {
  const paths = files.map((file) => folder + file);
  for await (const verdict of detectFiles(paths, {}, new AbortController().signal))
    severities.set(
      verdict.file.slice(folder.length),
      "error" in verdict ? verdict.error : (verdict.severity ?? "nothing"),
    );
}, 120_000);

const from = (kind: string) => [...severities].filter(([file]) => file.startsWith(kind));

test("behavior: the list names every tree that is there", () => {
  expect(files).toEqual(readdirSync(folder).filter((name) => name.endsWith(".json.gz")));
  expect([from("attack").length, from("honest").length]).toEqual([107, 110]);
});

test("BAR-04, EVAL-08: of 107 rebuilt attacks all but these are critical without configuration", () => {
  expect(Object.fromEntries(from("attack").filter(([, severity]) => severity !== "critical"))).toEqual({
    "attack-2022-05-08-fortress.json.gz": "nothing",
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
