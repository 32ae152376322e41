import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { readPassword } from "../keystore/readPassword.ts";
import { assertSignable } from "../operator/checkProposal.ts";
import { describeProposal } from "../operator/describeProposal.ts";
import { type Proposal, parseProposal } from "../operator/Proposal.ts";
import { dataFolder } from "./dataFolder.ts";
import { printLine, printNote } from "./printLine.ts";
import { findServer, type ServerClient, serverAt } from "./serverClient.ts";

interface SignOptions {
  readonly data?: string;
  readonly action: string;
  readonly keystore: string;
  readonly passwordFile?: string;
  readonly server?: string;
  readonly proposal?: string;
  readonly council?: string;
  readonly chain?: string;
  readonly abi: readonly string[];
  readonly offline?: boolean;
  readonly yes?: boolean;
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
}

async function sign(options: SignOptions): Promise<void> {
  const pins = { council: options.council, chainId: chainOf(options.chain) };
  if (options.yes && (pins.council === undefined || pins.chainId === undefined))
    throw new UsageError(
      "--yes is given without --council and --chain.",
      "Without a person's look, both have to be pinned.",
      "Add --council 0x… --chain N.",
    );
  const server = options.proposal === undefined ? await clientOf(options) : undefined;
  const proposal = server === undefined ? fromFile(options.proposal!) : await fetchProposal(server, options.action);
  assertNamed(proposal, options.action);
  const now = () => BigInt(Math.floor(Date.now() / 1_000));
  assertSignable(proposal, pins, now());
  const { openSelectorNames } = await import("../operator/namesOfSelector.ts");
  for (const line of describeProposal(proposal, openSelectorNames(options.abi), now())) printNote(line);
  if (!options.yes) await confirm(proposal, pins);
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

async function clientOf({ server, data: given }: SignOptions): Promise<ServerClient> {
  const data = await dataFolder(given);
  const client = server === undefined ? findServer(data) : serverAt(server, data);
  if (client !== undefined) return client;
  throw new UsageError(
    `No server runs on "${data}".`,
    "The proposal comes from a running server or from a file.",
    "Give --server URL, --data DIR, or --proposal FILE.",
  );
}

async function fetchProposal(server: ServerClient, id: string): Promise<Proposal> {
  const { actions } = (await server.get("/actions?limit=500")) as { actions: readonly { action: { id: string } }[] };
  const matching = actions.filter(({ action }) => isNamed(action.id, id));
  const [found] = matching;
  if (found === undefined || matching.length > 1)
    throw new UsageError(
      matching.length > 1 ? `--action "${id}" fits ${matching.length} actions.` : `The server knows no action "${id}".`,
      `It has: ${actions.map(({ action }) => action.id.slice(0, 12)).join(", ") || "none"}.`,
      "Give the id in full.",
    );
  const { findings } = (await server.get("/findings?limit=500")) as { findings: readonly { finding: unknown }[] };
  return parseProposal(
    found,
    findings.map(({ finding }) => finding),
  );
}

function fromFile(path: string): Proposal {
  try {
    return parseProposal(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UsageError(`--proposal "${path}" cannot be read.`, "Allowed: a JSON file.", "Correct the path.");
  }
}

/** A server that is asked for one action may answer with another. */
function assertNamed({ action }: Proposal, id: string): void {
  if (!isNamed(action.id, id))
    throw new UsageError(
      `The proposal is action ${action.id}.`,
      `Asked for was "${id}".`,
      "Name the action that you mean.",
    );
}

function isNamed(id: string, given: string): boolean {
  return given.length >= 10 && id.startsWith(given.toLowerCase());
}

function chainOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`--chain "${text}" is no chain id.`, "Allowed: a whole number, 1 or more.", "Correct it.");
}

const wordLength = 6;

async function confirm(
  { action }: Proposal,
  pins: { council: string | undefined; chainId: number | undefined },
): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      "Nobody is here to confirm.",
      "A person types a part of the id, at a terminal.",
      "Run it in a terminal, or add --yes with --council and --chain.",
    );
  if (pins.council === undefined || pins.chainId === undefined)
    printNote(
      "Chain and council are the server's word: compare them with what you know (or pin them with --chain and --council).",
    );
  const expected = action.id.slice(-wordLength);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`To sign, type the last ${wordLength} digits of the action's id: `);
  terminal.close();
  if (typed.trim().toLowerCase() !== expected)
    throw new UsageError(
      `"${typed.trim()}" is not "${expected}".`,
      "Nothing was signed.",
      "Start again if you mean it.",
    );
}
