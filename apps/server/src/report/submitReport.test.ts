import { readFileSync, rmSync } from "node:fs";
import { armor, Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type Served, serve, token } from "../api/served.testkit.ts";
import { removeServerFile, serverFilePath, writeServerFile } from "../operator/serverFile.ts";
import { subject } from "../store/chain.testkit.ts";
import { listReports } from "../store/listReports.ts";
import { openStore } from "../store/openStore.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { openReportDesk } from "./openReportDesk.ts";
import { listKept, readKept } from "./reportFolder.ts";
import { pipelineOn, reportDraft } from "./reports.testkit.ts";
import { type FoundAttack, submitReport } from "./submitReport.ts";

const fixture = await storeFixture();
const { source: _, ...found } = reportDraft;
const attack: FoundAttack = { ...found, attachment: "calls: deadbeef" };
const closers: (() => Promise<void>)[] = [];
let dataDir: string;

beforeEach(() => {
  dataDir = fixture.folder();
});
afterAll(async () => {
  for (const close of closers) await close();
  await fixture.remove();
});

/** A server over the data folder, with its file; `blocks` have been judged. */
async function startServer(blocks: number): Promise<{ store: Store; api: Served }> {
  const store = await openStore(dataDir);
  const pipeline = await pipelineOn(store);
  for (let number = 1; number <= blocks; number += 1) await pipeline.block(number);
  const takeReport = openReportDesk({ store, chainId: 31_337, watched: [subject], deliver: pipeline.deliver });
  const api = await serve(store, { takeReport });
  writeServerFile(dataDir, { host: "127.0.0.1", port: api.port, pid: process.pid, token });
  closers.push(async () => {
    await api.close();
    await store.close();
  });
  return { store, api };
}

test("LAB-32: a finding goes to the server that runs on the data folder, once, with the attack sealed for the guardians", async () => {
  const identity = await generateIdentity();
  const address = { dataDir, recipients: [await identityToRecipient(identity)] };
  const { store, api } = await startServer(1);
  const sent = await submitReport(address, attack);
  expect(sent).toMatchObject({ state: "sent", where: api.url, attachment: "sealed" });
  expect(await submitReport(address, attack)).toMatchObject({ state: "known", report: sent.report });
  const [{ report } = { report: undefined }, ...more] = await listReports(store);
  expect([report?.id, more]).toEqual([sent.report, []]);
  expect(JSON.stringify(report, (_key, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
    "deadbeef",
  );
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  expect(await decrypter.decrypt(armor.decode(report!.sealed!), "text")).toBe("calls: deadbeef");
  expect(listKept(dataDir)).toEqual([]);
});

test("LAB-32: where no server runs the report waits in the data folder, without a word of what could not be sealed", async () => {
  const kept = await submitReport({ dataDir, recipients: [] }, attack);
  expect(kept).toEqual({ state: "kept", where: listKept(dataDir)[0], attachment: "no-recipients" });
  expect(readFileSync(kept.where, "utf8")).not.toContain("deadbeef");
  expect(readKept(kept.where)).toEqual(reportDraft);
});

test("behavior: a server that has judged no block, or does not answer, leaves the report in the folder and says why", async () => {
  await startServer(0);
  const early = await submitReport({ dataDir, recipients: [] }, attack);
  expect(early).toMatchObject({ state: "kept", why: expect.stringContaining("No block has been judged yet.") });
  rmSync(serverFilePath(dataDir));
  // A port that nobody listens on.
  writeServerFile(dataDir, { host: "127.0.0.1", port: 1, pid: process.pid, token });
  const away = await submitReport({ dataDir, recipients: [] }, attack);
  expect(away).toMatchObject({ state: "kept", where: early.where, why: expect.stringContaining("does not answer") });
  removeServerFile(dataDir);
});

test("error: a server that protects something else says so, and nothing is kept", async () => {
  await startServer(1);
  const elsewhere = { ...attack, chainId: 1 };
  await expect(submitReport({ dataDir, recipients: [] }, elsewhere)).rejects.toThrow("The report is about chain 1.");
  expect(listKept(dataDir)).toEqual([]);
});

test("security: whatever a title holds becomes one printable line, and an attachment that is too large stays behind", async () => {
  const recipients = [await identityToRecipient(await generateIdentity())];
  const title = `drains\u001b[2J the\n\u202evault ${"x".repeat(1_000)}`;
  const kept = await submitReport({ dataDir, recipients }, { ...attack, title, attachment: new Uint8Array(200_000) });
  expect(kept.attachment).toBe("too-large");
  expect(readKept(kept.where).title).toBe(`drains the vault ${"x".repeat(282)}…`);
});
