// Judges every recorded mainnet block, each contract in turn taken as the protected one, and prints one JSON object.
// Usage: TESTUDO_DATA=<folder> node examples/dist/judged/judgeMainnet.js
import { basename } from "node:path";
import { readRecordedBlock, recordedBlockFiles } from "../mainnet/recordedBlock.ts";
import { addJudged, emptyJudgedCounts, rateNotExcluded } from "./judgedCounts.ts";
import { judgeRecordedBlock } from "./judgeRecordedBlock.ts";

const files = recordedBlockFiles();
const startMs = performance.now();
let counts = emptyJudgedCounts();
for (const [index, file] of files.entries()) {
  const name = `[${index + 1}/${files.length}] block ${basename(file, ".json.gz")}`;
  const blockStartMs = performance.now();
  const block = await judgeRecordedBlock(readRecordedBlock(file), (pass, sent, leftOut) =>
    process.stderr.write(`${name}: pass ${pass}, ${sent} sent, ${leftOut} left out\n`),
  );
  counts = addJudged(counts, block);
  const criticals = block.findings.filter((finding) => finding.severity === "critical").length;
  const seconds = ((performance.now() - blockStartMs) / 1_000).toFixed(1);
  process.stderr.write(
    `${name}: ${block.counts.judged} of ${block.counts.transactions} judged, ${block.units.length} units, ` +
      `${block.findings.length} findings, ${criticals} critical, ${seconds} s\n`,
  );
}
const { falseCriticals, judged, touching, units } = counts;
const notExcluded = (trials: number) => rateNotExcluded(falseCriticals.length, trials);
console.log(
  JSON.stringify(
    {
      ...counts,
      falseCriticalRateNotExcluded: {
        perJudged: notExcluded(judged),
        perTouching: notExcluded(touching),
        // The strictest reading: where nothing left a contract, a drain could not be claimed.
        perUnitWithOutflow: notExcluded(units.withOutflow),
      },
      seconds: Math.round((performance.now() - startMs) / 1_000),
    },
    null,
    2,
  ),
);
