import { countOf } from "@testudo/core/model/countOf";
import { timeText } from "@testudo/core/model/timeText";
import pc from "picocolors";
import { escapeLine } from "../../deliver/escapeText.ts";
import type { ShownStatus } from "./statusSchema.ts";

/** `status` for a person. `now` in Unix seconds. */
export function statusLines(status: ShownStatus, now: number): readonly string[] {
  return [
    row("server", serverText(status)),
    ...status.reasons.map((reason) => more(pc.yellow(escapeLine(reason)))),
    ...modeLines(status),
    row("head", headText(status, now)),
    ...nodeLines(status),
    ...detectorLines(status),
    ...incidentLines(status),
    ...reportLines(status),
    ...actionLines(status),
    ...outboxLines(status),
    ...channelLines(status, now),
    row("evidence", status.evidence === undefined ? "not told" : `${status.evidence.sequence}:${status.evidence.id}`),
  ];
}

function row(name: string, text: string): string {
  return `${name.padEnd(10)}${text}`;
}

function more(text: string): string {
  return row("", text);
}

function serverText({ running, healthy, ready }: ShownStatus): string {
  if (!running) return pc.yellow("not running; this is what the store tells");
  if (healthy === false) return pc.red("running, ill");
  return ready === false ? pc.red("running, and does not watch as it should") : "running";
}

function modeLines({ mode, modeReason, modeFault, frozen }: ShownStatus): readonly string[] {
  const paint = mode === "armed" ? pc.green : mode === "killed" ? pc.red : pc.yellow;
  return [
    row("mode", `${paint(mode ?? "not told")}${modeReason === undefined ? "" : ` (${escapeLine(modeReason)})`}`),
    ...(modeFault === undefined
      ? []
      : [more(pc.red("the switch cannot be read and counts as pressed; run `testudo disarm`"))]),
    ...Object.entries(frozen).map(([source, reason]) =>
      more(pc.red(`frozen by ${escapeLine(source)}: ${escapeLine(reason)}`)),
    ),
  ];
}

function headText({ head, lagBlocks, chainId }: ShownStatus, now: number): string {
  if (head === null || head === undefined) return "no block judged yet";
  const age = Math.max(0, Math.round(now - head.timestamp));
  const parts = [`block ${head.number}`, `${age} s old`];
  if (lagBlocks !== undefined) parts.push(`${lagBlocks} behind the chain`);
  if (chainId !== undefined) parts.push(`chain ${chainId}`);
  return parts.join(", ");
}

function nodeLines({ endpoints, quorum, branches, running }: ShownStatus): readonly string[] {
  if (!running) return [];
  const lines = (endpoints ?? []).map(
    ({ label, state }) => `${escapeLine(label)}${state === undefined ? "" : `: ${escapeLine(state)}`}`,
  );
  const said = quorum === undefined ? "quorum not told" : `quorum ${quorum} of ${lines.length}`;
  return [
    row("nodes", said),
    ...lines.map(more),
    ...branches.map(({ endpoints: by, block }) =>
      more(
        pc.red(
          `another branch at ${escapeLine(by.join(" and "))}, judged beside ours up to ${block?.number ?? "no block yet"}`,
        ),
      ),
    ),
    // STREAM-04: allowed, but never silently.
    ...(quorum === 1 ? [more(pc.yellow("warning: quorum 1, one node is believed without a second opinion"))] : []),
  ];
}

function detectorLines({ detectors, detectorTroubles }: ShownStatus): readonly string[] {
  const said = detectors === undefined ? "" : detectors.join(", ");
  const calm = detectorTroubles.length === 0 ? "no trouble" : `${detectorTroubles.length} in trouble`;
  return [
    row("detectors", said === "" ? calm : `${said} (${calm})`),
    ...detectorTroubles.map(({ detector, what, message }) =>
      more(pc.yellow(`${escapeLine(detector)} ${escapeLine(what)}: ${escapeLine(message)}`)),
    ),
  ];
}

function incidentLines({ incidents }: ShownStatus): readonly string[] {
  return [
    row("incidents", incidents.length === 0 ? "none open" : `${incidents.length} open`),
    ...incidents.map(({ id, state, severity, subject, findings, acknowledgedAfter, mitigatedAfter }) => {
      const seen = acknowledgedAfter === undefined ? "" : `, acknowledged after ${acknowledgedAfter} s`;
      const met = mitigatedAfter === undefined ? "" : `, mitigated after ${mitigatedAfter} s`;
      return more(
        `${id.slice(0, 12)}… ${severity} ${state}, ${countOf(findings, "finding")} about ${subject}${seen}${met}`,
      );
    }),
  ];
}

function reportLines({ reports, reportsWaiting }: ShownStatus): readonly string[] {
  if (reports.length === 0 && reportsWaiting === 0) return [];
  const waiting = reportsWaiting === 0 ? "" : pc.yellow(`, ${reportsWaiting} in the data folder not taken in yet`);
  return [
    row("reports", `${reports.length} not settled${waiting}`),
    ...reports.map(({ finding, severity, work, reason }) =>
      more(`${finding.slice(0, 12)}… ${severity} ${work}: ${escapeLine(reason)}`),
    ),
  ];
}

function actionLines({ actions }: ShownStatus): readonly string[] {
  return [
    row("actions", actions.length === 0 ? "none under way" : `${actions.length} under way`),
    ...actions.map(({ id, type, state, target, until }) =>
      more(
        `${id.slice(0, 12)}… ${state}, ${type === "guardRule" ? "guard rule on" : "pause of"} ${target} until ${timeText(BigInt(until))}`,
      ),
    ),
  ];
}

function outboxLines({ outbox, deadLetters }: ShownStatus): readonly string[] {
  if (outbox === undefined) return [row("outbox", "not told")];
  const dead = outbox.dead === 0 ? "0 dead letters" : pc.red(`${outbox.dead} dead letters`);
  return [
    row("outbox", `${outbox.pending} pending, ${dead}`),
    ...deadLetters.map((letter) => more(`${escapeLine(letter.channel)}: ${letterText(letter)}`)),
  ];
}

/** What is shown of a notice that was given up; `diedAt` in Unix milliseconds. */
export interface ShownLetter {
  readonly title: string;
  readonly error: string | null;
  readonly diedAt: number | null;
}

/** A notice that was given up in one line: what it said, what it died of and when. */
export function letterText({ title, error, diedAt }: ShownLetter): string {
  const when = diedAt === null ? "" : `, ${timeText(BigInt(Math.floor(diedAt / 1_000)))}`;
  return `${escapeLine(title, 200)} (${escapeLine(error ?? "no reason is known", 200)}${when})`;
}

function channelLines({ channels }: ShownStatus, now: number): readonly string[] {
  if (channels.length === 0) return [];
  const stale = channels.filter(({ isStale }) => isStale).length;
  return [
    row("channels", `${channels.length}${stale === 0 ? "" : pc.red(`, ${stale} without a receipt for 8 days`)}`),
    ...channels.map((channel) => more(channelLine(channel, now))),
  ];
}

/** What is shown of a channel. */
export interface ShownChannel {
  readonly name: string;
  readonly receipt: { readonly at: number; readonly said: string } | null;
  readonly isStale: boolean;
  readonly lastError: string | null;
}

/** A channel in one line: when a test of it last went through, and what fails. `now` in Unix seconds. */
export function channelLine({ name, receipt, isStale, lastError }: ShownChannel, now: number): string {
  const tested =
    receipt === null
      ? "not tested yet"
      : `tested ${agoOf(now - receipt.at / 1_000)} ago (${escapeLine(receipt.said, 60)})`;
  const paint = isStale ? pc.red : (text: string) => text;
  return `${escapeLine(name)}: ${paint(tested)}${lastError === null ? "" : pc.yellow(`; fails: ${escapeLine(lastError, 200)}`)}`;
}

function agoOf(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours >= 2 ? `${hours} hours` : `${Math.max(0, minutes)} min`;
}
