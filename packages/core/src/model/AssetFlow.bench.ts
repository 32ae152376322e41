import { bench } from "vitest";
import { assetFlowOf } from "./AssetFlow.ts";
import type { CallFrame, FrameLog, Transaction } from "./BlockBundle.ts";
import { addr, frame, topicOf, transferLog } from "./detectorCase.testkit.ts";
import { toWord } from "./Hex.ts";

// ASSET-05: 10,000 transactions of 40 frames in at most 5 s on one core.
const made = Array.from({ length: 10_000 }, (_, i): [Transaction, FrameLog[], CallFrame] => {
  const party = (n: number) => addr(1 + ((i * 7 + n) % 500));
  const calls = Array.from({ length: 13 }, (_, n) =>
    frame({
      from: party(n),
      to: addr(0x7000 + n),
      input: `0xa9059cbb${toWord(party(n + 1))}${toWord(BigInt(i + n))}`,
      output: `0x${toWord(1n)}`,
      calls: [
        frame({ type: "DELEGATECALL", from: addr(0x7000 + n), to: addr(0x8000) }),
        frame({ type: "STATICCALL", from: addr(0x7000 + n), to: addr(0x9000) }),
      ],
    }),
  );
  const logs = Array.from({ length: 13 }, (_, n) =>
    transferLog(addr(0x7000 + n), party(n), party(n + 1), BigInt(i + n)),
  );
  const trace = frame({ from: party(0), to: party(1), value: 1n, calls });
  return [
    { hash: topicOf(BigInt(i)), index: i, from: party(0), to: party(1), value: 1n, input: "0x", nonce: 0 },
    logs,
    trace,
  ];
});

// A new root each time, because walks are remembered per root.
const fresh = (trace: CallFrame): CallFrame => ({ ...trace });

bench(
  "ASSET-05: 10,000 transactions x 40 frames, logs",
  () => {
    for (const [tx, logs, trace] of made) assetFlowOf(tx, logs, fresh(trace));
  },
  { iterations: 5, warmupIterations: 1 },
);
bench(
  "ASSET-05: 10,000 transactions x 40 frames, calldata",
  () => {
    for (const [tx, , trace] of made) assetFlowOf(tx, [], fresh(trace));
  },
  { iterations: 5, warmupIterations: 1 },
);
