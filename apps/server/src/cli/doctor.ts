import { existsSync } from "node:fs";
import type { Address } from "@testudo/core/model/Hex";
import type { Command } from "commander";
import pc from "picocolors";
import type { Settings } from "../config/Config.ts";
import { defaultDataDir } from "../config/defaultDataDir.ts";
import { printable, printableLines } from "../deliver/printable.ts";
import { type Check, failOf, ok, warn } from "./doctor/Check.ts";
import { checkAnvil, checkNode as checkNodeVersion } from "./doctor/checkMachine.ts";
import { checkAgreement, checkContracts, checkNode } from "./doctor/checkNodes.ts";
import { checkPolicy } from "./doctor/checkPeople.ts";
import { configName } from "./flags/dataFolder.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine } from "./terminal/printLine.ts";

interface DoctorOptions {
  readonly config?: string;
  readonly rpc?: readonly string[];
  readonly json?: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check machine, configuration, nodes, folder, keys; exit 1 when something fails")
    .option("--config <file>", `configuration; default: ${configName} if it is there`)
    .option("--rpc <url...>", "check these nodes instead of the configuration's")
    .option("--json", "print one JSON list")
    .action(async (options: DoctorOptions, command: Command) => {
      await doctor(options, command.optsWithGlobals<{ data?: string }>().data);
    });
}

async function doctor(options: DoctorOptions, given: string | undefined): Promise<void> {
  const { checkDataFolder, checkKeystores, checkSwitch } = await import("./doctor/checkFolder.ts");
  const checks: Check[] = [];
  const add = (...more: readonly Check[]) => {
    checks.push(...more);
    if (!options.json) for (const check of more) print(check);
  };
  add(checkNodeVersion(process.versions.node), await checkAnvil());
  const { settings, check } = await readSettings(options.config);
  add(check);
  const folder = given ?? settings?.dataDir ?? defaultDataDir;
  add(...checkDataFolder(folder), checkSwitch(folder));
  add(...checkKeystores(folder, settings?.sender === undefined ? [] : [settings.sender.keystore]));
  const { checkPassword } = await import("./doctor/checkSender.ts");
  const sender = settings?.sender === undefined ? undefined : await checkPassword(settings.sender);
  if (sender !== undefined) add(sender.check);
  if (settings !== undefined) add(...checkPolicy(settings, BigInt(Math.floor(Date.now() / 1_000))));
  const urls = options.rpc ?? settings?.rpc;
  if (urls !== undefined) add(...(await checkChain(urls, settings, sender?.address)));
  // Whether a configuration that cannot be read names some nobody knows.
  else if (check.level !== "fail")
    add(warn("nodes", "None is named.", "Give --rpc URL, or name `rpc` in the configuration."));
  if (settings !== undefined && settings.heads.length > 0) {
    const { checkHeads } = await import("./doctor/checkHeads.ts");
    add(...(await checkHeads(settings.heads)));
  }
  if (settings !== undefined && settings.remotes.length > 0) {
    const { checkRemotes } = await import("./doctor/checkRemotes.ts");
    add(...(await checkRemotes(settings.remotes)));
  }
  if (options.json) printLine(JSON.stringify(checks, null, 2));
  const failed = checks.filter(({ level }) => level === "fail").length;
  if (!options.json) printLine(failed === 0 ? "Nothing fails." : `${failed} of ${checks.length} checks fail.`);
  if (failed > 0) throw new AnsweredNo();
}

async function readSettings(path: string | undefined): Promise<{ settings?: Settings; check: Check }> {
  if (path === undefined && !existsSync(configName))
    return {
      check: warn(
        "config",
        `There is no ${configName} here.`,
        "Run `testudo init`, or go on without: `testudo watch --protect`.",
      ),
    };
  try {
    const { loadConfig } = await import("../config/loadConfig.ts");
    const settings = await loadConfig(path ?? configName);
    return { settings, check: ok("config", `"${settings.file}"`) };
  } catch (error) {
    return { check: failOf("config", error) };
  }
}

async function checkChain(
  urls: readonly string[],
  settings: Settings | undefined,
  sender: Address | undefined,
): Promise<readonly Check[]> {
  const reports = await Promise.all(urls.map((url) => checkNode(url, Date.now() / 1_000)));
  const quorum = Math.min(settings?.quorum ?? 2, urls.length);
  const agreement = checkAgreement(reports, { quorum, chainId: settings?.chainId });
  const reached = urls.find((_, i) => reports[i]?.chainId !== undefined);
  const contracts =
    reached === undefined || settings === undefined ? [] : await checkContracts(reached, settings.protect);
  const { checkProgram } = await import("./doctor/checkProgram.ts");
  const program = reached === undefined || settings === undefined ? [] : await checkProgram(reached, settings);
  const { checkPauses } = await import("./doctor/checkPauses.ts");
  const pauses = reached === undefined || settings === undefined ? [] : await checkPauses(reached, settings.policy);
  const { checkFunds } = await import("./doctor/checkSender.ts");
  const funds = reached === undefined || sender === undefined ? [] : await checkFunds(reached, sender);
  const { checkRelay } = await import("./doctor/checkRelay.ts");
  const chainId = reports.find((report) => report.chainId !== undefined)?.chainId;
  const relay = settings === undefined ? [] : await checkRelay(settings, chainId);
  const { checkFlag } = await import("./doctor/checkFlag.ts");
  const flag = reached === undefined || settings === undefined ? [] : await checkFlag(urls, settings.policy, quorum);
  return [
    ...reports.flatMap(({ checks }) => checks),
    ...agreement,
    ...contracts,
    ...pauses,
    ...program,
    ...funds,
    ...relay,
    ...flag,
  ];
}

const marks = { ok: pc.green("ok  "), warn: pc.yellow("warn"), fail: pc.red("fail") } as const;

function print(check: Check): void {
  // What a node or a file says of itself may not steer the terminal.
  printLine(`${marks[check.level]} ${printable(check.name)}: ${printableLines(check.text)}`);
  if (check.level !== "ok") printLine(`     - ${check.wayOut}`);
}
