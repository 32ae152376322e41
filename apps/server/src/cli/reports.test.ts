import { readFileSync } from "node:fs";
import { join } from "node:path";
import { armor, Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, expect, test } from "vitest";
import { serve, token } from "../api/served.testkit.ts";
import { removeServerFile, writeServerFile } from "../operator/serverFile.ts";
import { keepReport } from "../report/reportFolder.ts";
import { pipelineOn, reportDraft } from "../report/reports.testkit.ts";
import { sealFinding } from "../report/sealFinding.ts";
import { listFindings } from "../store/listViews.ts";
import { openStore } from "../store/openStore.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { openPlace } from "./place.testkit.ts";

const fixture = await storeFixture();
const place = openPlace();
afterAll(async () => {
  place.remove();
  await fixture.remove();
});

const identity = await generateIdentity();

/** A folder whose watch took a report with something sealed and one without. */
async function folderWithReports(): Promise<{ data: string; sealed: string; bare: string }> {
  const data = fixture.folder();
  const store = await openStore(data);
  const { block, deliver } = await pipelineOn(store);
  await block(1);
  const attachment = await sealFinding("the attack", [await identityToRecipient(identity)]);
  await deliver({ kind: "report", report: { ...reportDraft, sealed: attachment! } });
  await deliver({ kind: "report", report: { ...reportDraft, title: "without keys" } });
  const [bare, sealed] = (await listFindings(store)).map(({ finding }) => finding.id);
  await store.close();
  return { data, sealed: sealed!, bare: bare! };
}

async function opened(text: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(text), "text");
}

test("LAB-32: status, evidence and exports tell of reports from the store alone, and what is sealed is opened by a guardian", async () => {
  const { data, sealed, bare } = await folderWithReports();
  keepReport(data, { ...reportDraft, title: "waits" });
  const status = await place.run("status", "--data", data);
  expect(status.out).toContain("reports   2 not settled, 1 in the data folder not taken in yet");
  expect(status.out).toContain(`${sealed.slice(0, 12)}… critical open: Could be attacked, and has not been: a round`);
  expect(JSON.parse((await place.run("status", "--json", "--data", data)).out)).toMatchObject({
    reports: [{ finding: bare }, { finding: sealed, severity: "critical", work: "open" }],
    reportsWaiting: 1,
  });
  const out = join(place.folder, "sealed.age");
  expect((await place.run("evidence", "sealed", sealed, "--out", out, "--data", data)).code).toBe(0);
  expect(await opened(readFileSync(out, "utf8"))).toBe("the attack");
  // As `status` shows it.
  const short = await place.run("evidence", "sealed", sealed.slice(0, 12), "--data", data);
  expect(await opened(short.out)).toBe("the attack");
  for (const unknown of ["0x00000000", sealed.slice(0, 9), "0x"])
    expect(await place.run("evidence", "sealed", unknown, "--data", data)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`There is no finding "${unknown}"`),
    });
  const none = await place.run("evidence", "sealed", bare, "--data", data);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("its capsule's hash alone was kept")]);
  expect((await place.run("evidence", "verify", "--data", data)).out).toContain("Evidence holds: 3 links, 9 records");
  const event = (await place.run("export", "cloudevents", "--data", data)).out.split("\n")[0]!;
  expect(JSON.parse(event)).toMatchObject({
    type: "testudo.finding.raised.v1",
    source: "eip155:31337/adversary",
    data: { severity: "critical" },
  });
  expect((await place.run("export", "stix", "--data", data)).out).not.toContain("round trip");
  expect((await place.run("export", "stix", "--tlp", "red", "--data", data)).out).toContain('"type": "vulnerability"');
});

test("LAB-32: a running server gives out what a report holds sealed", async () => {
  const { data, sealed, bare } = await folderWithReports();
  const store = await openStore(data);
  const api = await serve(store);
  writeServerFile(data, { host: "127.0.0.1", port: api.port, pid: process.pid, token });
  try {
    expect(await opened((await place.run("evidence", "sealed", sealed, "--data", data)).out)).toBe("the attack");
    const short = await place.run(
      "evidence",
      "sealed",
      sealed.slice(0, 10).toUpperCase().replace("0X", "0x"),
      "--data",
      data,
    );
    expect(await opened(short.out)).toBe("the attack");
    expect((await place.run("evidence", "sealed", "0x00000000", "--data", data)).code).toBe(2);
    expect((await place.run("evidence", "sealed", bare, "--data", data)).code).toBe(2);
  } finally {
    removeServerFile(data);
    await api.close();
    await store.close();
  }
});
