// Where a guardian's proposal comes from: a running server, or a file.
import { readFileSync } from "node:fs";
import { UsageError } from "../../config/UsageError.ts";
import { type Proposal, parseProposal } from "../../operator/Proposal.ts";
import { dataFolder } from "../flags/dataFolder.ts";
import { meansId } from "./meansId.ts";
import { findServer, type ServerClient, serverAt } from "./serverClient.ts";

/** What says where it is. */
export interface ProposalOptions {
  readonly data?: string;
  readonly action: string;
  readonly server?: string;
  readonly proposal?: string;
}

/** The proposal that `options` names, and the server that has it; none where it comes from a file. */
export async function findProposal(
  options: ProposalOptions,
): Promise<{ readonly proposal: Proposal; readonly server: ServerClient | undefined }> {
  const server = options.proposal === undefined ? await clientOf(options) : undefined;
  const proposal = server === undefined ? fromFile(options.proposal!) : await fetchProposal(server, options.action);
  assertNamed(proposal, options.action);
  return { proposal, server };
}

async function clientOf({ server, data: given }: ProposalOptions): Promise<ServerClient> {
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
  const matching = actions.filter(({ action }) => meansId(id, action.id));
  const [found] = matching;
  if (found === undefined || matching.length > 1)
    throw new UsageError(
      matching.length > 1 ? `--action "${id}" fits ${matching.length} actions.` : `The server knows no action "${id}".`,
      `It has: ${actions.map(({ action }) => action.id.slice(0, 12)).join(", ") || "none"}.`,
      matching.length > 1 ? "Give more digits of its id." : "Give its id, or the first 8 digits of it or more.",
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
  if (!meansId(id, action.id))
    throw new UsageError(
      `The proposal is action ${action.id}.`,
      `Asked for was "${id}".`,
      "Name the action that you mean.",
    );
}
