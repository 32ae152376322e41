import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { hashOf } from "@testudo/core/model/Record";
import { hashOfReport, type ReportDraft } from "@testudo/core/model/Report";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ReportTaken } from "./openReportDesk.ts";
import { keepReport, listKept, ReportUnreadable, readKept } from "./reportFolder.ts";
import { reportDraft } from "./reports.testkit.ts";
import { takeKept } from "./takeKept.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-reports-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unconfirmed: ReportDraft = { ...reportDraft, engine: { name: "EDR", ok: false } };

/** Takes in what waits until `isDone`, with a desk that answers `answer`. */
async function takeWith(answer: ReportTaken["state"] | Error, isDone: (looks: number) => boolean) {
  const stop = new AbortController();
  const taken: ReportDraft[] = [];
  const told: StreamTrouble[] = [];
  let looks = 0;
  await takeKept({
    dataDir: folder,
    take: async (draft) => {
      taken.push(draft);
      looks += 1;
      if (isDone(looks)) stop.abort();
      if (answer instanceof Error) throw answer;
      return answer === "taken" || answer === "known"
        ? { state: answer, report: hashOf("record") }
        : { state: answer, reason: "not ours\n- Elsewhere." };
    },
    tell: (trouble) => told.push(trouble),
    isReady: () => true,
    everyMs: 5,
    signal: stop.signal,
  });
  return { taken, told };
}

test("LAB-32: a report that is kept lies under the hash of what it says, for its owner alone, and reads as it was", () => {
  const file = keepReport(folder, reportDraft);
  expect(file).toBe(join(folder, "reports", `${hashOfReport(reportDraft).slice(2)}.json`));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "reports")).mode & 0o077).toBe(0);
  expect(readKept(file)).toEqual(reportDraft);
  expect(keepReport(folder, unconfirmed)).toBe(file);
  expect(readKept(file)).toEqual(reportDraft);
  expect(listKept(folder)).toEqual([file]);
  expect(listKept(join(folder, "nothing"))).toEqual([]);
});

test("behavior: a confirmed report takes the place of the unconfirmed one, or of a file that a crash left broken", () => {
  const file = keepReport(folder, unconfirmed);
  keepReport(folder, reportDraft);
  expect(readKept(file)).toEqual(reportDraft);
  writeFileSync(file, "{");
  keepReport(folder, unconfirmed);
  expect(readKept(file)).toEqual(unconfirmed);
});

test("LAB-32: the file of a report goes once it is stored, or was before, and stays while the watch cannot take it", async () => {
  for (const state of ["taken", "known"] as const) {
    const file = keepReport(folder, reportDraft);
    const { taken, told } = await takeWith(state, (looks) => looks === 1);
    expect([taken, told, existsSync(file)]).toEqual([[reportDraft], [], false]);
  }
  const file = keepReport(folder, reportDraft);
  const { told } = await takeWith("early", (looks) => looks === 3);
  expect([told, existsSync(file)]).toEqual([[], true]);
});

test("behavior: a report that is refused, or that the store cannot take, stays and is told once", async () => {
  const file = keepReport(folder, reportDraft);
  const refused = await takeWith("refused", (looks) => looks === 3);
  expect(refused.told).toMatchObject([{ trouble: "report-unread", message: expect.stringContaining("not ours") }]);
  const failing = await takeWith(new Error("disk full"), (looks) => looks === 3);
  expect(failing.told).toMatchObject([{ trouble: "report-unread", message: expect.stringContaining("disk full") }]);
  expect(existsSync(file)).toBe(true);
});

test("error: what is no report is told with its file and field, is not taken, and does not keep others back", async () => {
  mkdirSync(join(folder, "reports"));
  const place = (letter: string) => join(folder, "reports", `${letter.repeat(64)}.json`);
  writeFileSync(place("a"), "{");
  writeFileSync(place("b"), JSON.stringify({ format: "testudo-report/2", report: {} }));
  mkdirSync(place("e"));
  writeFileSync(join(folder, "reports", "notes.txt"), "not looked at");
  const good = keepReport(folder, reportDraft);
  const body = JSON.parse(readFileSync(good, "utf8"));
  // A right report both, but for what holds it.
  writeFileSync(place("c"), JSON.stringify(body) + " ".repeat(200_000));
  symlinkSync(good, place("d"));
  for (const letter of "abcde") expect(() => readKept(place(letter))).toThrow(ReportUnreadable);
  expect(() => readKept(place("c"))).toThrow(/it has \d+ bytes/);
  expect(() => readKept(place("d"))).toThrow("it is no plain file");
  const bad = place("f");
  writeFileSync(bad, JSON.stringify({ ...body, report: { ...body.report, gainWad: "1.5" } }));
  expect(() => readKept(bad)).toThrow(/report\.gainWad: Allowed: a whole number/);
  // Looked at twice: by then all others have been looked at as well.
  const { taken, told } = await takeWith("early", (looks) => looks === 2);
  expect(taken).toEqual([reportDraft, reportDraft]);
  expect(told).toHaveLength(6);
  for (const letter of "abcdef") expect(told.filter(({ message }) => message.includes(place(letter)))).toHaveLength(1);
});
