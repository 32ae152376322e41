// `testudo attack --config | --capsule`: a search for calls that take value out of a recorded state.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import { isAddress, toLower } from "@testudo/core/model/Hex";
import { probabilityOf } from "@testudo/core/risk/attack/probabilityOf";
import type { Capsule } from "@testudo/lab/record/Capsule";
import type { Command } from "commander";
import { blockOfSearch, openSearchFolder } from "../../attack/openSearchFolder.ts";
import { tellLost } from "../../attack/tellLost.ts";
import { UsageError } from "../../config/UsageError.ts";
import { printable } from "../../deliver/printable.ts";
import { raidAll } from "../../jobs/search/raidAll.ts";
import type { RaidFinding, RaidReport } from "../../raid/RaidReport.ts";
import { readRanking } from "../../raid/rankingFile.ts";
import { guessFromCapsule, type Ordered, readScenario } from "../../raid/readScenario.ts";
import { tellDefence, tellDifference, tellKept } from "../../raid/tellDifference.ts";
import { makeOutFolder } from "../files/outFolder.ts";
import type { AttackBounds, AttackFlags } from "../flags/AttackFlags.ts";
import { configName, optionsOf } from "../flags/dataFolder.ts";
import { printLine, printNote } from "../terminal/printLine.ts";
import { progressLine } from "../terminal/progressLine.ts";
import { stopSignal } from "../terminal/stopSignal.ts";

export async function runRaid(flags: AttackFlags, bounds: AttackBounds, command: Command): Promise<void> {
  const ordered = await orderedBy(flags);
  try {
    await raid(ordered, flags, bounds, command);
  } finally {
    ordered.close();
  }
}

async function raid(ordered: Ordered, flags: AttackFlags, bounds: AttackBounds, command: Command): Promise<void> {
  const { data } = await optionsOf(command);
  if (flags.out !== undefined) makeOutFolder(`--out "${flags.out}"`, flags.out);
  else makeOutFolder(`"${join(data, "findings")}"`, join(data, "findings"));
  const recipients = await recipientsHere();
  const named = `${resolve(flags.config ?? flags.capsule!)} ${ordered.victim}`;
  const ranking = { scenario: named, ...readRanking(flags.out ?? join(data, "findings"), named) };
  const line = progressLine();
  const { capsule, source, scenario, victim, leastWad } = ordered;
  const probabilities = ordered.chances.map(probabilityOf);
  if (source !== undefined)
    printNote(`The state is that after block ${capsule.block.number} of chain ${capsule.chainId}.`);
  await tellRules(capsule);
  // Once nothing is wrong with what was asked for, and before the search: who goes on for a month may outlive what is installed.
  const { keepFinds } = await import("../../raid/keepFinds.ts");
  const { unsealedNote } = await import("../../report/keepFinding.ts");
  const what = { capsule, scenario, probabilities, victim, leastWad };
  const block = source === undefined ? {} : { block: capsule.block.number };
  const folder = flags.state === undefined ? undefined : openSearchFolder(flags.state, { what, ...bounds, ...block });
  const lost = folder && tellLost(folder);
  if (lost !== undefined) printNote(lost);
  const raided = await raidAll(
    {
      ...what,
      ...bounds,
      ...(folder === undefined ? {} : { memories: folder }),
      ...(source === undefined ? {} : { source }),
    },
    stopSignal(),
    ({ seconds, calls, kept, finds, best }) => {
      const what = `${Math.round(seconds)} s  ${calls} calls (${Math.round(calls / seconds)}/s)  ${kept} plans  ${finds} found  best ${best}`;
      line.show(
        bounds.calls === undefined
          ? { done: seconds, total: bounds.seconds!, what }
          : { done: Math.min(calls, bounds.calls), total: bounds.calls, what },
      );
    },
  ).finally(() => folder?.close());
  line.end();
  const keeping = {
    dataDir: data,
    recipients,
    ranking,
    submits: flags.out === undefined,
    ...(flags.out === undefined ? {} : { out: flags.out }),
  };
  const report = await keepFinds(ordered, raided, keeping);
  if (flags.json) printLine(JSON.stringify(report));
  else for (const text of linesOf(report, ordered.unit)) printLine(text);
  const isOpen =
    flags.out === undefined && report.findings.some(({ files }) => files?.capsule.endsWith(".age") === false);
  if (isOpen && !flags.json) printLine(`\n${unsealedNote}`);
  if (report.unkept !== null && raided.lost !== null) printNote(printable(`error: ${raided.lost.message}`));
  if (report.unkept !== null) throw new NotKept(report.unkept);
  if (raided.lost !== null) throw raided.lost;
}

async function orderedBy({ sol, contract, config, capsule, victim, state }: AttackFlags): Promise<Ordered> {
  const given = [sol, config, capsule].filter((one) => one !== undefined);
  if (given.length > 1 || contract !== undefined || (config !== undefined && victim !== undefined))
    throw new UsageError(
      "There is more than one thing to attack.",
      "Allowed: --sol FILE with --contract NAME, --config FILE, or --capsule FILE with --victim ADDRESS.",
      "Give one of them.",
    );
  if (config !== undefined)
    return readScenario(config, "--config", state === undefined ? undefined : blockOfSearch(state));
  if (victim === undefined || !isAddress(victim))
    throw new UsageError(
      victim === undefined ? "--capsule FILE says no victim." : `--victim "${victim}" is no address.`,
      "Allowed: --victim 0x and 40 hexadecimal digits.",
      "Name the contract that would lose.",
    );
  return guessFromCapsule(capsule!, toLower(victim));
}

/** For whom findings are encrypted, as the configuration in this folder says. */
async function recipientsHere(): Promise<readonly string[]> {
  if (!existsSync(configName)) return [];
  const { loadConfig } = await import("../../config/loadConfig.ts");
  return (await loadConfig(configName)).preblock?.recipients ?? [];
}

function* linesOf(
  { calls, callsPerSecond, findings, threats, difference }: RaidReport,
  unit: string,
): Generator<string> {
  yield `${calls} calls, ${callsPerSecond} a second; ${countOf(findings.length, "finding")}.`;
  for (const threat of threats) {
    yield "";
    const finding = findings.find(({ id }) => id === threat.id);
    if (finding !== undefined) yield* findingLines(finding, threat.rank, unit);
    else for (const line of tellKept(threat, unit)) yield printable(line);
    yield printable(`   ${tellDefence(threat, unit)}`);
  }
  if (difference === null) return;
  yield "";
  const titles = new Map(findings.map(({ id, title }) => [id, title]));
  for (const line of tellDifference(difference, titles)) yield printable(line);
}

function* findingLines(finding: RaidFinding, rank: number, unit: string): Generator<string> {
  const { gain, cost, figure, isAtomic, moves, confirmed, files, submitted } = finding;
  const what = figure === null ? `${gain} ${unit} gained at a cost of ${cost}` : `"${figure}" broken`;
  yield printable(`${rank}. ${what}${isAtomic ? ", in one block" : ""}`);
  for (const move of moves) yield printable(`   ${move}`);
  yield printable(`   ${confirmed.engine}: ${confirmed.ok ? "the same" : confirmed.difference}`);
  yield printable(`   ${files?.report ?? "not written"}`);
  if (submitted !== null) yield printable(`   report ${submitted.state}: ${submitted.where}`);
}

/** What was found could not be written. Retryable once there is room; with `--state` without another search. */
class NotKept extends Error {
  override readonly name = "NotKept";
  constructor(why: string) {
    super(
      `Not all that was found could be written: ${why}\n- What is above names all of it.\n- Make room, and run it again; with --state nothing is searched twice.`,
    );
  }
}

/** Says where the search has other rules than the state. Throws UsageError for rules that nobody knows. */
async function tellRules(capsule: Capsule): Promise<void> {
  const { refusingInput } = await import("../../capsule/refusedInput.ts");
  const { blockOf } = await import("@testudo/lab/record/blockOf");
  const { hardforkOf } = await import("@testudo/lab/record/hardforkOf");
  const { forkOfGround } = await import("@testudo/lab/raid/openGround");
  const played = await refusingInput(() => forkOfGround(capsule));
  const own = hardforkOf(blockOf(capsule)) ?? "older than Cancun's";
  if (own !== played) printNote(`Its rules, ${own}, are not those of the search: it is played by ${played}'s.`);
}
