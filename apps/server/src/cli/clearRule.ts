import { readFileSync } from "node:fs";
import { toClearRuleMessage } from "@testudo/core/model/Action";
import { countOf } from "@testudo/core/model/countOf";
import type { Command } from "commander";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import { readPassword } from "../keystore/readPassword.ts";
import { assertClearable, type RuleProposal } from "../operator/checkProposal.ts";
import { describeProposal, leastSigners } from "../operator/describeProposal.ts";
import { findProposal, type ProposalOptions } from "./served/findProposal.ts";
import { confirmSigning, type PinOptions, pinsOf } from "./terminal/confirmSigning.ts";
import { printLine, printNote } from "./terminal/printLine.ts";

interface ClearOptions extends ProposalOptions, PinOptions {
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly abi: readonly string[];
  readonly signatures?: readonly string[];
}

/** `testudo guardian clear-rule`: takes a program's rule back, in one call of the council. */
export function registerClearRule(guardian: Command): void {
  guardian
    .command("clear-rule")
    .description("sign that a program's guard rule is taken back, or make the call out of signatures")
    .requiredOption("--action <id>", "the rule's action, or the first 8 or more digits of its id")
    .option("--keystore <file>", "your key: prints your signature as JSON")
    .option("--signatures <file...>", "what guardians printed: prints the call, which anybody may send")
    .option("--password-file <file>", "file of mode 0600 whose first line is the password; default: ask")
    .option("--server <url>", "where the action is; default: the server of the data folder")
    .option("--proposal <file>", "read the action from a file (an element of GET /actions) instead of a server")
    .option("--council <address>", "refuse actions for another council")
    .option("--chain <id>", "refuse actions for another chain")
    .option("--abi <file...>", "ABIs to name the functions", [])
    .option("--yes", "do not ask; needs --council and --chain")
    .action((_, command: Command) => clearRule(command.optsWithGlobals<ClearOptions>()));
}

async function clearRule(options: ClearOptions): Promise<void> {
  const { keystore, signatures } = options;
  if ((keystore === undefined) === (signatures === undefined))
    throw new UsageError(
      keystore === undefined
        ? "Neither --keystore nor --signatures is given."
        : "--keystore and --signatures are given.",
      "Allowed: one of them; first each guardian signs, then one makes the call.",
      "Give --keystore FILE to sign, or --signatures FILE… to make the call.",
    );
  const pins = pinsOf(options);
  const { proposal } = await findProposal(options);
  const now = () => BigInt(Math.floor(Date.now() / 1_000));
  assertClearable(proposal, pins, now());
  if (signatures !== undefined) return printCall(proposal, signatures);
  const { openSelectorNames } = await import("../operator/namesOfSelector.ts");
  printNote("To be taken back, before it ends by itself:");
  for (const line of describeProposal(proposal, openSelectorNames(options.abi), now())) printNote(line);
  if (!options.yes) await confirmSigning(proposal, pins);
  await printSignature(proposal, keystore!, options.passwordFile);
}

async function printSignature(proposal: RuleProposal, keystore: string, passwordFile: string | undefined) {
  const password = await readPassword({ passwordFile, question: `Password of ${keystore}` });
  const { openKeystore } = await import("../keystore/openKeystore.ts");
  const { toTypedMessage } = await import("../operator/toTypedMessage.ts");
  const signer = await openKeystore(keystore, password);
  const signature = await signer.signTypedData(toTypedMessage(proposal.action));
  printLine(JSON.stringify({ action: proposal.action.id, signer: signer.address, signature }));
}

async function printCall({ action }: RuleProposal, files: readonly string[]): Promise<void> {
  const { encodeClearRuleBySig } = await import("@testudo/chain/act/encodeClearRule");
  const approvals = files.map((path) => readSignature(path, action.id));
  assertEnough(new Set(approvals.map(({ signer }) => signer.toLowerCase())).size);
  const data = encodeClearRuleBySig(toClearRuleMessage(action), approvals);
  printLine(JSON.stringify({ to: action.council, data }));
}

function assertEnough(signers: number): void {
  if (signers < leastSigners)
    throw new UsageError(
      `${countOf(signers, "guardian has", "guardians have")} signed: ${leastSigners - signers} more at least ${leastSigners - signers === 1 ? "is" : "are"} missing.`,
      "Needed: signatures of m1 different guardians of the council, two at least; with fewer the council refuses the call.",
      "Have another guardian sign with --keystore, and name both files.",
    );
  printNote(`Signed by ${signers} guardians; the council takes the call where its m1 is no more than that.`);
}

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`));
const signatureSchema = z.strictObject({
  action: hex(32),
  signer: hex(20).transform((text) => text as `0x${string}`),
  signature: z
    .string()
    .regex(/^0x([0-9a-fA-F]{2}){65,}$/)
    .transform((text) => text as `0x${string}`),
});

function readSignature(path: string, action: string) {
  try {
    const read = signatureSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    if (read.action === action) return { signer: read.signer, signature: read.signature };
  } catch (cause) {
    throw new UsageError(
      `--signatures "${path}" cannot be read.`,
      "Allowed: what `testudo guardian clear-rule --keystore` printed.",
      "Correct the path, or have it signed again.",
      { cause },
    );
  }
  throw new UsageError(
    `--signatures "${path}" is about another action.`,
    `Asked for was ${action}.`,
    "Have this one signed.",
  );
}
