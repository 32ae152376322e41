import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Address } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProgram } from "../jobs/step/programSource.ts";
import { listReports } from "../store/listReports.ts";
import { openStore } from "../store/openStore.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { listKept } from "./reportFolder.ts";
import { reportDraft } from "./reports.testkit.ts";
import { submitReport } from "./submitReport.ts";

// A worker cannot load TypeScript: the watch is the built one.
const { openWatch } = (await import(new URL("../../dist/watch/openWatch.js", import.meta.url).href)) as {
  openWatch: typeof import("../watch/openWatch.ts").openWatch;
};

const protectedOne: Address = `0x${"7a".repeat(20)}`;
const { source: _, ...draft } = { ...reportDraft, subject: protectedOne };
const source = { kind: "zero-config", chainId: 31_337, protect: [protectedOne] } as const;
let anvil: Anvil;
let node: Endpoint;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "testudo-report-watch-"));
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  await node.request("evm_mine");
});
afterAll(async () => {
  node?.close();
  await anvil?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a watch over `dataDir` while `during` does, and until `count` alerts of the adversary have reached its channel. */
async function alertsWhile(dataDir: string, count: number, during: () => Promise<void>): Promise<readonly Notice[]> {
  const stop = new AbortController();
  const alerts: Notice[] = [];
  let judged = 0;
  const watch = await openWatch({
    source,
    program: await loadProgram(source),
    rpc: [anvil.url],
    quorum: 1,
    dataDir,
    api: { host: "127.0.0.1", port: 0 },
    channels: [
      {
        name: "desk",
        minSeverity: "low",
        deliver: async (notice) => {
          if (notice.detector === "adversary") alerts.push(notice);
          return undefined;
        },
      },
    ],
    detectorLimitMs: 60_000,
    pollMs: 20,
    onStored: ({ cursor }) => {
      if (cursor) judged += 1;
    },
    signal: stop.signal,
  });
  try {
    await node.request("evm_mine");
    await expect.poll(() => judged, { timeout: 120_000 }).toBeGreaterThan(0);
    await during();
    await expect.poll(() => alerts.length, { timeout: 120_000 }).toBe(count);
  } finally {
    stop.abort();
    await watch.done;
  }
  return alerts;
}

async function recordsIn(dataDir: string) {
  const store = await openStore(dataDir);
  try {
    const { fault } = await verifyStore(store);
    return { fault, reports: (await listReports(store)).map(({ report }) => report.title) };
  } finally {
    await store.close();
  }
}

const submit = (dataDir: string, title: string) => submitReport({ dataDir, recipients: [] }, { ...draft, title });
const gone = (dataDir: string) => expect.poll(() => listKept(dataDir), { timeout: 120_000 }).toEqual([]);

test("LAB-32: a report is told once: by the watch that runs, or by the next one that starts, also after a crash in between", async () => {
  const dataDir = join(folder, "data");
  const first = await submit(dataDir, "waited for the first watch");
  expect(first.state).toBe("kept");
  const copy = join(folder, "copy.json");
  copyFileSync(first.where, copy);

  const told = await alertsWhile(dataDir, 2, async () => {
    await gone(dataDir);
    expect((await submit(dataDir, "found while it ran")).state).toBe("sent");
    expect((await submit(dataDir, "found while it ran")).state).toBe("known");
  });
  expect(told.map(({ title }) => /: (.*) \(gain/.exec(title)?.[1])).toEqual([
    "waited for the first watch",
    "found while it ran",
  ]);

  // As if the watch had been killed after it stored the report and before it took the file away.
  copyFileSync(copy, first.where);
  const second = await submit(dataDir, "found between two watches");
  expect([second.state, existsSync(second.where)]).toEqual(["kept", true]);
  const later = await alertsWhile(dataDir, 1, () => gone(dataDir));
  expect(later[0]!.title).toContain("found between two watches");
  expect(await alertsWhile(dataDir, 0, () => gone(dataDir))).toEqual([]);

  expect(await recordsIn(dataDir)).toEqual({
    fault: undefined,
    reports: ["found between two watches", "found while it ran", "waited for the first watch"],
  });
});
