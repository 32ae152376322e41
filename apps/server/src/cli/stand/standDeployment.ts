import { constants } from "node:os";
import { redactUrl, redactUrlsIn } from "@testudo/chain/rpc/redactUrl";
import type { Address } from "@testudo/core/model/Hex";
import { parseEther } from "viem/utils";
import { quoted } from "../../config/looksSecret.ts";
import { UsageError } from "../../config/UsageError.ts";
import { assertFit, deployFromFile, prepare, prepareVerify, type Subject } from "../../deploy/deployFromFile.ts";
import { describeRoles } from "../../deploy/describeRoles.ts";
import { loadDeployment } from "../../deploy/loadDeployment.ts";
import { openChain } from "../../deploy/openChain.ts";
import {
  planLines,
  type Report,
  rehearsalLines,
  reportJson,
  roleLines,
  verifiedLines,
} from "../../deploy/printDeployment.ts";
import type { Row } from "../../deploy/readChain.ts";
import { rehearseDeployment } from "../../deploy/rehearseDeployment.ts";
import { type Tried, tryPauses } from "../../deploy/tryPauses.ts";
import { verify, withRows } from "../../deploy/verify.ts";
import { keystoreAddress, openKeystore } from "../../keystore/openKeystore.ts";
import { readPassword } from "../../keystore/readPassword.ts";
import { AnsweredNo } from "../terminal/AnsweredNo.ts";
import { printLine, printNote } from "../terminal/printLine.ts";
import { failClosed } from "./failClosed.ts";

/** The options of `testudo deploy`, as given. */
export interface DeployFlags {
  readonly chain: string;
  readonly file: string;
  readonly plan?: string;
  readonly keystore?: string;
  readonly passwordFile?: string;
  /** Ether. */
  readonly maxFee?: string;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** Deploys, rehearses or verifies. Throws UsageError, a ConfigError, AnsweredNo where something drifted, or what fails. */
export async function standDeployment(flags: DeployFlags): Promise<void> {
  assertFlags(flags);
  const complaint =
    "The deployment's own code ended the program before anything was compared.\n- Nothing is known of what stands.\n- Take process.exit and waiting without end out of the file.";
  await failClosed(complaint, () => carryOut(flags));
}

async function carryOut(flags: DeployFlags): Promise<void> {
  const loaded = await loadDeployment(flags.file);
  const chain = await openChain(flags.chain, loaded.deployment.chainId, loaded.placeOf(["chainId"]));
  const subject: Subject = {
    loaded,
    chain,
    say: printNote,
    ...(flags.plan === undefined ? {} : { planFile: flags.plan }),
    ...(flags.maxFee === undefined ? {} : { maxFee: parseEther(flags.maxFee) }),
  };
  try {
    if (flags.verify) await verifyOnly(subject, flags);
    else if (flags.dryRun) await dryRun(subject, flags);
    else await deploy(subject, flags);
  } finally {
    chain.endpoint.close();
  }
}

function assertFlags({ chain, dryRun, verify: verifies, keystore, maxFee }: DeployFlags): void {
  if (!/^https?:\/\//i.test(chain) || !URL.canParse(chain))
    throw new UsageError(
      `--chain "${redactUrl(chain)}" is no URL of a node.`,
      "Allowed: a URL that starts with http:// or https://.",
      "The file names the chain's id; this is where the chain is asked.",
    );
  if (maxFee !== undefined && !/^\d{1,9}(\.\d{1,18})?$/.test(maxFee))
    throw new UsageError(
      `--max-fee ${quoted(maxFee)} is no amount of ether.`,
      "Allowed: a decimal number such as 1 or 2.5; 1 where it is not given.",
      "It is the most that one run may offer for gas.",
    );
  if (dryRun && verifies)
    throw new UsageError(
      "--dry-run is given together with --verify.",
      "One looks at what would be, the other at what is.",
      "Give one of them.",
    );
  if (!dryRun && !verifies && keystore === undefined)
    throw new UsageError(
      "--keystore is not given.",
      "The deployer signs and pays; its key is never given on the command line.",
      "Make one with `testudo keystore new --out deployer.json`, or look first with --dry-run.",
    );
}

async function verifyOnly(subject: Subject, flags: DeployFlags): Promise<void> {
  const prepared = await prepareVerify(subject);
  const { chain, loaded } = subject;
  const rows = await triedRows(chain, { file: loaded.deployment, blueprint: prepared.blueprint, before: [] });
  const verified = withRows(await verify(chain, prepared), rows);
  tell({ file: flags.file, plan: prepared.plan, verified }, flags, () => verifiedLines(verified, true));
  // What waits in the timelock is as the file says, in time.
  if (verified.drift > 0) throw new AnsweredNo();
}

// Where it cannot be tried the comparison is told all the same, and the reason counts as a difference.
async function triedRows(chain: Subject["chain"], tried: Tried): Promise<readonly Row[]> {
  try {
    return await tryPauses(chain, tried);
  } catch (error) {
    const found = `not tried: ${redactUrlsIn(error instanceof Error ? error.message : String(error)).split("\n")[0]}`;
    const expected = "tried on a copy of the chain";
    return [{ module: "breaker", field: "pauses", expected, found, isAsExpected: false }];
  }
}

async function dryRun(subject: Subject, flags: DeployFlags): Promise<void> {
  const deployer = flags.keystore === undefined ? undefined : await addressIn(flags);
  const prepared = await prepare(subject, deployer);
  await assertFit(subject, prepared);
  const rehearsal = await rehearseDeployment(subject.chain, subject.loaded.deployment, prepared);
  const roles = describeRoles(subject.loaded.deployment, prepared.plan.deployer);
  tell({ file: flags.file, plan: prepared.plan, roles, rehearsal }, flags, () => [
    ...planLines(prepared.plan, rehearsal.gas),
    ...roleLines(roles),
    "",
    ...rehearsalLines(rehearsal),
  ]);
}

// A keystore says whose key it holds; one that does not has to be opened.
async function addressIn(flags: DeployFlags): Promise<Address> {
  return keystoreAddress(flags.keystore!) ?? (await signerOf(flags)).address;
}

async function signerOf({ keystore, passwordFile }: DeployFlags) {
  const password = await readPassword({ passwordFile, question: `Password of ${keystore}` });
  return openKeystore(keystore!, password);
}

async function deploy(subject: Subject, flags: DeployFlags): Promise<void> {
  tellAtStop();
  const deployer = await addressIn(flags);
  const { plan, roles, settled, verified } = await deployFromFile(subject, deployer, () => signerOf(flags));
  tell({ file: flags.file, plan, roles, settled, verified }, flags, () => [
    ...planLines(plan),
    ...roleLines(roles),
    "",
    settled.text,
    ...verifiedLines(verified, false),
  ]);
  if (verified.drift > 0 || settled.state === "vetoed") throw new AnsweredNo();
}

// What was sent is in the plan before it is sent, so that a run may end anywhere.
function tellAtStop(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      printNote("Stopped. The same command goes on where this run stood; what it sent is in the plan, so keep that.");
      process.exit(128 + constants.signals[signal]);
    });
}

function tell(report: Report, { json }: DeployFlags, lines: () => readonly string[]): void {
  if (json) printLine(reportJson(report));
  else for (const line of lines()) printLine(line);
}
