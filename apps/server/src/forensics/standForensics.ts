import { resolve } from "node:path";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import * as contracts from "@testudo/contracts";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { Examined } from "@testudo/lab/forensics/Examined";
import { examineTransaction } from "@testudo/lab/forensics/examineTransaction";
import { NoTransactions } from "@testudo/lab/forensics/parseExaminedFile";
import type { ForensicReport } from "@testudo/lab/forensics/Report";
import type { Abi } from "viem";
import { refusingInput } from "../capsule/refusedInput.ts";
import { assertOutFile } from "../cli/files/outFile.ts";
import { addressesIn } from "../cli/flags/addressesIn.ts";
import { printLine, printNote } from "../cli/terminal/printLine.ts";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { Tlp } from "../interop/stix/tlp.ts";
import { NoPlainFile } from "../operator/writeFile.ts";
import { assertWritableOut, writeOut } from "../operator/writeOut.ts";
import { describeReport } from "./describeReport.ts";
import { examineFile } from "./examineFile.ts";
import { examineOnNode } from "./examineOnNode.ts";
import { renderPage } from "./page/renderPage.ts";
import { readAbis } from "./readAbis.ts";
import { readLayout, readPrices } from "./readPrices.ts";
import { reportToStix } from "./reportToStix.ts";

/** The options of `testudo forensics` for one transaction, as given. */
export interface SubjectFlags {
  readonly rpc?: string;
  readonly tx?: string;
  readonly abi?: string[];
  readonly protect?: string[];
  readonly prices?: string;
  readonly layout?: string[];
  readonly html?: string;
  readonly stix?: string;
  readonly tlp: Tlp;
  readonly json?: true;
}

const hashPattern = /^0x[0-9a-fA-F]{64}$/;

/** Explains `subject`, a transaction of a node or a capsule, in the forms that the flags name. */
export async function standForensics(subject: string, flags: SubjectFlags): Promise<void> {
  assertApart(subject, flags);
  for (const file of [flags.html, flags.stix])
    if (file !== undefined) await refusingInput(() => assertWritableOut(file), [NoPlainFile]);
  assertOutFile("--html", flags.html);
  assertOutFile("--stix", flags.stix);
  const abis = [...readAbis(flags.abi ?? []), ...ownAbis()];
  const prices = flags.prices === undefined ? undefined : readPrices(flags.prices);
  const layouts = new Map((flags.layout ?? []).map(readLayout));
  const protect = addressesIn("--protect", flags.protect ?? []).map(toLower);
  const examined = await examine(subject, flags);
  const report = await examineTransaction({
    ...examined,
    abis,
    layouts,
    ...(protect.length === 0 ? {} : { protect }),
    ...(prices === undefined ? {} : { prices }),
  });
  if (flags.html !== undefined) put(flags.html, renderPage(report));
  if (flags.stix !== undefined) put(flags.stix, `${JSON.stringify(reportToStix(report, flags.tlp), undefined, 2)}\n`);
  if (flags.json) printLine(toJson(report));
  else for (const line of describeReport(report)) printLine(printable(line));
  if (flags.html !== undefined && !flags.json) printNote(`The page is in "${flags.html}".`);
}

/** Nothing is written over what is read, or over each other. */
function assertApart(subject: string, { tx, html, stix }: SubjectFlags): void {
  const paths = [subject, tx, html, stix].flatMap((path) => (path === undefined ? [] : resolve(path)));
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice === undefined) return;
  throw new UsageError(
    `"${twice}" is named for two things.`,
    "Allowed: a file of its own for the page and for the bundle, and another one than what is looked into.",
    "Name another one.",
  );
}

/** What our own contracts are read by. */
function ownAbis(): Abi[] {
  return Object.values(contracts).map((one) => ("abi" in one ? one.abi : one) as Abi);
}

/** The report as JSON, amounts as decimal strings. */
export function toJson(report: ForensicReport): string {
  return JSON.stringify(report, (_, value) => (typeof value === "bigint" ? value.toString() : value));
}

async function examine(subject: string, { rpc, tx }: SubjectFlags): Promise<Examined> {
  if (hashPattern.test(subject)) {
    if (rpc === undefined)
      throw new UsageError(
        `"${subject}" is a transaction, and no node was named.`,
        "Allowed: a transaction with --rpc URL, or a capsule.",
        "Name a node, best one that has debug_traceTransaction.",
      );
    const endpoint = openEndpoint(rpc);
    try {
      return await examineOnNode(endpoint, subject.toLowerCase() as Hex);
    } finally {
      endpoint.close();
    }
  }
  if (rpc !== undefined)
    throw new UsageError(
      `"${subject}" is no transaction.`,
      "Allowed with --rpc: 0x and 64 digits.",
      "Give the hash whole.",
    );
  try {
    return await examineFile(subject, tx);
  } catch (error) {
    if (!(error instanceof NoTransactions)) throw error;
    const [what = "", allowed = "", wayOut = ""] = error.message.split("\n- ");
    throw new UsageError(what, allowed, wayOut, { cause: error });
  }
}

function put(file: string, text: string): void {
  try {
    writeOut(file, text);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `"${file}" cannot be written: ${said}`,
      "Allowed: a path that you may write to.",
      "Correct it.",
      {
        cause,
      },
    );
  }
}
