import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { hashOf } from "@testudo/core/model/Record";
import type { ReportDraft } from "@testudo/core/model/Report";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openReportDesk } from "../report/openReportDesk.ts";
import { sealedLimit } from "../report/reportSchema.ts";
import { pipelineOn, reportDraft } from "../report/reports.testkit.ts";
import { sealFinding } from "../report/sealFinding.ts";
import { subject } from "../store/chain.testkit.ts";
import { listRecords } from "../store/listRecords.ts";
import { listIncidents } from "../store/listViews.ts";
import { countOutbox } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const fixture = await storeFixture();
let store: Store;
let api: Served;
let pipeline: Awaited<ReturnType<typeof pipelineOn>>;

beforeEach(async () => {
  await api?.close();
  store = await fixture.empty();
  pipeline = await pipelineOn(store);
  const takeReport = openReportDesk({ store, chainId: 31_337, watched: [subject], deliver: pipeline.deliver });
  api = await serve(store, { takeReport });
});
afterAll(async () => {
  await api?.close();
  await fixture.remove();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  call(api.port, "/reports", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: typeof body === "string" ? body : canonicalJson(body),
  });
const get = (path: string) => call(api.port, path);
const kinds = async () => (await listRecords(store)).map(({ record }) => record.kind);

test("LAB-32: POST /reports records a report that was confirmed, opens an incident and reaches the channels; evidence holds", async () => {
  await pipeline.block(1);
  const { status, json } = await post(reportDraft);
  expect([status, json]).toEqual([
    202,
    { accepted: true, report: expect.stringMatching(/^0x[0-9a-f]{64}$/), known: false },
  ]);
  expect(await kinds()).toEqual(["Report", "Finding", "FindingStatus", "Incident", "Decision"]);
  expect((await listIncidents(store))[0]!.incident).toMatchObject({ state: "open", severity: "critical", subject });
  expect(await countOutbox(store)).toMatchObject({ pending: 1 });
  const listed = (await get("/reports")).json.reports;
  expect(listed).toMatchObject([{ isSealed: false, report: { id: json.report, gainWad: "12000000000000000000" } }]);
  expect((await verifyStore(store)).fault).toBeUndefined();
});

test("LAB-32: the same report by POST /reports twice, or many at once, is one record, and each is answered alike", async () => {
  await pipeline.block(1);
  const answers = await Promise.all(Array.from({ length: 4 }, () => post(reportDraft)));
  const again = await post({ ...reportDraft, engine: { name: "anvil", ok: true } });
  expect(again.json).toMatchObject({ accepted: true, known: true });
  expect(new Set([...answers, again].map(({ status, json }) => `${status} ${json.report}`)).size).toBe(1);
  expect((await kinds()).filter((kind) => kind === "Report" || kind === "Finding")).toEqual(["Report", "Finding"]);
});

test("LAB-32: what a report holds sealed is read by its id and stands in no list", async () => {
  await pipeline.block(1);
  const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  const sealed = await sealFinding("the exploit", [recipient]);
  const { json } = await post({ ...reportDraft, sealed });
  expect((await get(`/reports/${json.report}`)).json).toMatchObject({ kind: "Report", sealed });
  const list = await get("/reports");
  expect(list.json.reports).toMatchObject([{ isSealed: true }]);
  expect(list.text).not.toContain("AGE ENCRYPTED");
  expect((await get(`/reports/${hashOf("nothing")}`)).json.error.code).toBe("report");
});

test("security: nobody brings a report without the server's token, a loopback name and JSON", async () => {
  await pipeline.block(1);
  const codes = [
    await post(reportDraft, { authorization: `Bearer ${"cd".repeat(32)}` }),
    await post(reportDraft, { host: "evil.example" }),
    await post(reportDraft, { origin: "https://evil.example" }),
    await post(reportDraft, { "content-type": "text/plain" }),
  ].map(({ status, json }) => `${status} ${json.error.code}`);
  expect(codes).toEqual(["401 token", "403 host", "403 origin", "415 content-type"]);
  expect(await kinds()).toEqual([]);
});

test("error: a report that is malformed, too large or about something else is refused with the field, and nothing is recorded", async () => {
  await pipeline.block(1);
  const refused = async (change: { [K in keyof ReportDraft]?: unknown } & { readonly extra?: number }) => {
    const { status, json } = await post({ ...reportDraft, ...change });
    return `${status} ${json.error.message.split("\n").at(status === 400 ? 1 : 0)}`;
  };
  expect(await refused({ title: "one\ntwo" })).toContain("400 - title: Allowed: one line");
  expect(await refused({ title: "\u202egood" })).toContain("400 - title: Allowed: one line");
  expect(await refused({ title: `call 0x${"ab".repeat(36)}` })).toContain("400 - title: Calldata does not belong");
  expect(await refused({ gainWad: -1n })).toContain("400 - gainWad: Allowed: a whole number");
  expect(await refused({ gainWad: 1 })).toContain("400 - gainWad:");
  expect(await refused({ sealed: "plain text" })).toContain("400 - sealed: Allowed: an armoured age file.");
  expect(await refused({ unit: "<b>" })).toContain("400 - unit: Allowed: a symbol");
  expect(await refused({ source: "somebody" })).toContain("400 - source:");
  expect(await refused({ extra: 1 })).toContain("400 - body:");
  expect(await refused({ chainId: 1 })).toBe("409 The report is about chain 1.");
  expect(await refused({ subject: `0x${"12".repeat(20)}` })).toBe(`409 The report is about 0x${"12".repeat(20)}.`);
  expect((await post({ ...reportDraft, sealed: "A".repeat(sealedLimit + 20_000) })).status).toBe(413);
  expect((await post("{")).status).toBe(400);
  expect(await kinds()).toEqual([]);
});

test("behavior: before the first block a report is put off, and taken when it comes again", async () => {
  const early = await post(reportDraft);
  expect([early.status, early.json.error.code]).toEqual([503, "early"]);
  await pipeline.block(1);
  expect((await post(reportDraft)).json).toMatchObject({ accepted: true, known: false });
});

test("behavior: the description of the interface names the way in for reports", async () => {
  const { json } = await get("/openapi.json");
  expect(Object.keys(json.paths["/reports"])).toEqual(["post", "get"]);
  expect(json.paths["/reports"].post.responses).toHaveProperty("503");
});
