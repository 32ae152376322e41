import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dataFolder, whyNoData } from "../incidents/dataFolder.ts";
import { readRecordedBlock } from "../mainnet/recordedBlock.ts";
import { addJudged, emptyJudgedCounts, type JudgedCounts } from "./judgedCounts.ts";
import { type JudgedBlock, judgeRecordedBlock } from "./judgeRecordedBlock.ts";

if (whyNoData) test("judging mainnet blocks needs recorded data", (context) => context.skip(whyNoData));

// The shortest ones, and the one that has findings. All 14 take minutes: node examples/dist/judged/judgeMainnet.js
const blocks = ["19426587", "19917570", "19929064", "19932703", "19932810"];

describe.skipIf(whyNoData)("ordinary mainnet traffic", () => {
  const judged: JudgedBlock[] = [];
  let counts: JudgedCounts = emptyJudgedCounts();

  beforeAll(async () => {
    for (const block of blocks) {
      judged.push(await judgeRecordedBlock(readRecordedBlock(join(dataFolder(), "blocks", `${block}.json.gz`))));
      counts = addJudged(counts, judged.at(-1)!);
    }
  }, 600_000);

  test("no contract that it touches is called attacked, and what else is said is known", () => {
    expect(counts).toMatchInlineSnapshot(`
      {
        "blocks": 5,
        "contractCalls": {
          "judged": 150,
          "succeeded": 148,
          "total": 416,
        },
        "falseCriticals": [],
        "findings": {
          "medium": {
            "impact-then-use": 1,
          },
        },
        "judged": 395,
        "skipped": {
          "blobs": 2,
          "missing-code": 272,
        },
        "touching": 140,
        "transactions": 669,
        "units": {
          "direct": 140,
          "total": 159,
          "withOutflow": 11,
        },
        "watchers": 58,
      }
    `);
  });

  test("each finding is about the contract that its watcher protects and a transaction that touches it", () => {
    for (const { units, findings } of judged) {
      const pairs = new Set(units.map(({ tx, subject }) => `${tx} ${subject}`));
      for (const { txHash, subject } of findings) expect(pairs).toContain(`${txHash} ${subject}`);
    }
  });
});
