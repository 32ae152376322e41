import type { Paint } from "../watch/narrate.ts";
import { type Remediation, upgradeSecondsOf } from "./Remediation.ts";
import type { Shown } from "./Scenario.ts";
import { type BeforeBlock, type ScenarioScore, type Scorecard, shortfallsOf } from "./scorecard.ts";

/** What the scorecard has for a person only. */
export interface ShownBeside {
  readonly riskReducing: readonly Shown[];
  readonly contrast: readonly Shown[];
  /** How long blocks waited for the defence on this machine, in milliseconds. */
  readonly waitedMs: number;
}

/** An amount in dollars, to the cent. */
export const money = (usd: number) =>
  `${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} USD`;

const nameColumns = 50;
const valueColumns = 24;

/** The scorecard as lines for a terminal of `columns`: one attack in full, several as a table. */
export function cardLines(card: Scorecard, shown: ShownBeside, paint: Paint, columns: number): string[] {
  const { waitedMs } = shown;
  const row = rowIn(columns);
  const waited = waitedMs === 0 ? "never" : paint.yellow(`${waitedMs} ms: this machine is slow`);
  return [
    "",
    paint.bold("Scorecard"),
    ...(card.scenarios.length === 1
      ? card.scenarios.flatMap((score) => scenarioLines(score, card.seed, paint, row))
      : tableLines(card, paint, columns)),
    row("chain waited for the defence", waited),
    ...(card.scenarios.length === 1 ? shownLines(shown, isPaused(card), paint, row) : []),
  ];
}

type Row = (name: string, value: string) => string;

// Two columns of words need room; in a narrow window the lines are broken between any two words instead.
function rowIn(columns: number): Row {
  const isWide = columns >= 2 + nameColumns + valueColumns;
  return (name, value) => `  ${isWide ? name.padEnd(nameColumns) : `${name}: `}${value}`;
}

function scenarioLines(s: ScenarioScore, seed: number, paint: Paint, row: Row): string[] {
  const { boundUsd } = s.defended;
  const never = boundUsd === undefined ? paint.red("never") : "never: the modules bound the attack";
  const silent =
    s.defended.lossUsd === 0 && (boundUsd !== undefined || s.beforeBlock !== undefined)
      ? "no alert: nothing was taken"
      : paint.red("no alert");
  return [
    row("attack", `${s.name} on ${s.protocol}, seed ${seed}`),
    row("lost without defence", money(s.naive.lossUsd)),
    row("lost with Testudo", money(s.defended.lossUsd)),
    ...(boundUsd === undefined ? [] : [row("to be lost at most", money(boundUsd))]),
    row("saved", paint.bold(`${(s.savedShare * 100).toFixed(1)} %`)),
    ...(s.beforeBlock === undefined ? [] : beforeBlockLines(s.beforeBlock, paint, row)),
    row("first bad block", `${s.firstBadBlock}`),
    row("block received to alert", s.alertMs === null ? silent : `${s.alertMs} ms`),
    row("pause in force from block", s.pausedBlock === null ? never : `${s.pausedBlock}`),
    ...remediationLines(s.remediation, row),
    row("functions paused", `${s.pausedSelectors.length}, each until its own end`),
    row("false alerts", `${s.falseAlerts} on ${s.benignTx} honest transactions`),
  ];
}

function remediationLines(remediation: Remediation, row: Row): string[] {
  const { guard, guardSeconds, ruleMs, upgrade, upgradeMs } = remediation;
  return [
    row("first bad transaction to guard on chain", guard === null ? "none" : `${guardSeconds} s, by a ${guard}`),
    ...(ruleMs === null ? [] : [row("the rule was derived from the attack in", `${ruleMs} ms`)]),
    ...(upgrade === null
      ? []
      : [
          row(
            "and to a verified upgrade proposal",
            `${seconds(upgradeSecondsOf(remediation))}, ${upgradeMs} ms of it work: ${upgrade}`,
          ),
        ]),
  ];
}

const seconds = (value: number | null) => (value === null ? "-" : `${value.toFixed(1)} s`);

function beforeBlockLines(before: BeforeBlock, paint: Paint, row: Row): string[] {
  const { afterBlockLossUsd, savedUsd, predictedMs, blocksToPause } = before;
  return [
    row("lost with Testudo judging blocks only", money(afterBlockLossUsd)),
    row("saved by acting before the block", paint.bold(money(savedUsd))),
    row("seen to predicted", predictedMs === null ? paint.red("not predicted") : `${predictedMs} ms`),
    ...(blocksToPause === null ? [] : [row("the attack's block to the pause's", inBlocks(blocksToPause))]),
  ];
}

function inBlocks(blocks: number): string {
  if (blocks === 0) return "the same block, the pause first";
  return blocks < 0 ? `${-blocks} earlier` : `${blocks} later`;
}

const isPaused = ({ scenarios }: Scorecard) => scenarios.some(({ pausedSelectors }) => pausedSelectors.length > 0);

function shownLines({ riskReducing, contrast }: ShownBeside, paused: boolean, paint: Paint, row: Row): string[] {
  const tick = (ok: boolean) => (ok ? paint.green("yes") : paint.red("NO"));
  return [
    paint.bold(paused ? "While the pause is on" : "After the attack, with nothing paused"),
    ...riskReducing.map(({ name, ok }) => row(`  ${name} works`, tick(ok))),
    ...(contrast.length === 0 ? [] : [paint.bold("The protocol's own pause, for comparison")]),
    ...contrast.map(({ name, ok }) => row(`  ${name}`, ok ? "yes" : "no")),
  ];
}

const headings = ["attack", "without USD", "with USD", "at most", "s to guard", "s to upgrade", "false alerts", ""];
const tableColumns = 112;

// Below the table's width every attack is a paragraph of words, which the terminal breaks where it has to.
function tableLines(card: Scorecard, paint: Paint, columns: number): string[] {
  const rows = card.scenarios.map((score) => cells(score));
  if (columns < tableColumns)
    return [
      ...rows.map(([name, ...rest]) => `  ${name}: ${rest.map((cell, i) => words(headings[i + 1]!, cell)).join(", ")}`),
      ...totalLines(card),
    ];
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((cells) => cells[i]!.length)));
  const line = (texts: readonly string[]) =>
    `  ${texts.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join("  ")}`;
  return [
    paint.dim(line(headings).trimEnd()),
    ...rows.map((texts, i) =>
      line(texts).replace(/(ok|NO)$/, (mark) => (isGood(card.scenarios[i]!) ? paint.green(mark) : paint.red(mark))),
    ),
    ...totalLines(card),
  ];
}

function words(heading: string, cell: string): string {
  return heading === "" ? cell : `${heading} ${cell}`;
}

function cells(s: ScenarioScore): string[] {
  return [
    s.name,
    whole(s.naive.lossUsd),
    whole(s.defended.lossUsd),
    s.defended.boundUsd === undefined ? "-" : whole(s.defended.boundUsd),
    s.remediation.guardSeconds === null ? "-" : `${s.remediation.guardSeconds}`,
    seconds(upgradeSecondsOf(s.remediation)).replace(" s", ""),
    `${s.falseAlerts}/${s.benignTx}`,
    isGood(s) ? "ok" : "NO",
  ];
}

function totalLines({ totals }: Scorecard): string[] {
  const { meanGuardSeconds: guard, meanUpgradeSeconds: upgrade } = totals;
  return [
    `  ${totals.scenarios} attacks: ${money(totals.naiveLossUsd)} without, ${money(totals.defendedLossUsd)} with Testudo`,
    `  mean time to a guard ${seconds(guard)}, to a verified upgrade proposal ${seconds(upgrade)}`,
  ];
}

const isGood = (score: ScenarioScore) => shortfallsOf(score).length === 0;
const whole = (usd: number) => Math.round(usd).toLocaleString("en-US");
