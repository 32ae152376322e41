import type { Command } from "commander";
import { readPassword } from "../keystore/readPassword.ts";
import { assertSignable } from "../operator/checkProposal.ts";
import { describeProposal } from "../operator/describeProposal.ts";
import { registerClearRule } from "./clearRule.ts";
import { findProposal, type ProposalOptions } from "./served/findProposal.ts";
import { confirmSigning, type PinOptions, pinsOf } from "./terminal/confirmSigning.ts";
import { printLine, printNote } from "./terminal/printLine.ts";

interface SignOptions extends ProposalOptions, PinOptions {
  readonly keystore: string;
  readonly passwordFile?: string;
  readonly abi: readonly string[];
  readonly offline?: boolean;
}

export function registerGuardian(program: Command): void {
  const guardian = program.command("guardian").description("what a guardian does");
  guardian
    .command("sign")
    .description("look at a proposed pause and sign it")
    .requiredOption("--action <id>", "the action, or the first 8 or more digits of its id")
    .requiredOption("--keystore <file>", "your key")
    .option("--password-file <file>", "file of mode 0600 whose first line is the password; default: ask")
    .option("--server <url>", "where the proposal is; default: the server of the data folder")
    .option("--proposal <file>", "read the proposal from a file (an element of GET /actions) instead of a server")
    .option("--council <address>", "refuse proposals for another council")
    .option("--chain <id>", "refuse proposals for another chain")
    .option("--abi <file...>", "ABIs to name the functions", [])
    .option("--offline", "print the signature as JSON instead of sending it")
    .option("--yes", "do not ask; needs --council and --chain")
    .action((_, command: Command) => sign(command.optsWithGlobals<SignOptions>()));
  registerClearRule(guardian);
}

async function sign(options: SignOptions): Promise<void> {
  const pins = pinsOf(options);
  const { proposal, server } = await findProposal(options);
  const now = () => BigInt(Math.floor(Date.now() / 1_000));
  assertSignable(proposal, pins, now());
  const { openSelectorNames } = await import("../operator/namesOfSelector.ts");
  for (const line of describeProposal(proposal, openSelectorNames(options.abi), now())) printNote(line);
  if (!options.yes) await confirmSigning(proposal, pins);
  const password = await readPassword({
    passwordFile: options.passwordFile,
    question: `Password of ${options.keystore}`,
  });
  const { toTypedMessage } = await import("../operator/toTypedMessage.ts");
  const { openKeystore } = await import("../keystore/openKeystore.ts");
  const signer = await openKeystore(options.keystore, password);
  // Reading and typing take time; the deadline may have passed meanwhile.
  assertSignable(proposal, pins, now());
  const signature = await signer.signTypedData(toTypedMessage(proposal.action));
  const body = { signer: signer.address, signature };
  if (options.offline || server === undefined)
    return printLine(JSON.stringify({ action: proposal.action.id, ...body }));
  await server.post(`/actions/${proposal.action.id}/approvals`, body);
  printLine(`Signed as ${signer.address}; the server has taken it.`);
}
