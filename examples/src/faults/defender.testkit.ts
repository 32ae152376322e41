// Run as a process of its own, to be killed: a watch with a signed webhook and a sender's keystore, whose program is given as
// a module. It prints what it has stored, one JSON line each.
import { readFileSync } from "node:fs";
import { webhookChannel } from "testudo/deliver/webhookChannel";
import { loadProgram, type ProgramSource } from "testudo/jobs/step/programSource";
import { openKeystore } from "testudo/keystore/openKeystore";
import { openWatch } from "testudo/watch/openWatch";

/** What the process is told, as a JSON file named on its command line. */
export interface DefenderOrder {
  readonly source: ProgramSource;
  readonly rpc: readonly string[];
  readonly quorum: number;
  readonly dataDir: string;
  readonly apiPort: number;
  readonly webhook: { readonly url: string; readonly secret: string };
  readonly keystore: string;
  readonly password: string;
  readonly detectorLimitMs: number;
}

/** A line that the process prints. */
export type DefenderLine =
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "block"; readonly number: number }
  | { readonly kind: "finding"; readonly detector: string }
  | { readonly kind: "state"; readonly action: string; readonly state: string };

const print = (line: DefenderLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const order = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as DefenderOrder;
const { source, rpc, quorum, dataDir, detectorLimitMs } = order;
const watch = await openWatch({
  source,
  program: await loadProgram(source),
  rpc,
  quorum,
  dataDir,
  api: { host: "127.0.0.1", port: order.apiPort },
  channels: [webhookChannel({ name: "hook", url: order.webhook.url, secrets: [order.webhook.secret] })],
  fromBlock: 0n,
  pollMs: 30,
  detectorLimitMs,
  outbox: { baseDelayMs: 50, maxDelayMs: 500 },
  sender: await openKeystore(order.keystore, order.password),
  onStored: ({ records, cursor }) => {
    for (const record of records) {
      if (record.kind === "Finding" && record.phase === "live") print({ kind: "finding", detector: record.detector });
      if (record.kind === "ActionStatus") print({ kind: "state", action: record.action, state: record.state });
    }
    if (cursor) print({ kind: "block", number: Number(cursor.number) });
  },
  signal: new AbortController().signal,
});
print({ kind: "ready", url: watch.url });
await watch.done;
