// Replays every recorded block, one after the other, and prints one JSON object with the counts.
// Usage: TESTUDO_DATA=<folder> node examples/dist/mainnet/replayAll.js
import { basename } from "node:path";
import { readRecordedBlock, recordedBlockFiles } from "./recordedBlock.ts";
import { replayBlock } from "./replayBlock.ts";
import { addReplay, emptyCounts } from "./replayCounts.ts";

const files = recordedBlockFiles();
const startMs = performance.now();
let counts = emptyCounts();
for (const [index, file] of files.entries()) {
  const name = `[${index + 1}/${files.length}] block ${basename(file, ".json.gz")}`;
  const blockStartMs = performance.now();
  const replay = await replayBlock(readRecordedBlock(file), (pass, sent, leftOut) =>
    process.stderr.write(`${name}: pass ${pass}, ${sent} sent, ${leftOut} left out\n`),
  );
  counts = addReplay(counts, replay.transactions);
  const seconds = ((performance.now() - blockStartMs) / 1_000).toFixed(1);
  process.stderr.write(`${name}: ${replay.transactions.length} transactions in ${seconds} s\n`);
  await replay.close();
}
console.log(JSON.stringify({ ...counts, seconds: Math.round((performance.now() - startMs) / 1_000) }));
