// A person in the drill, by script: looks at what the server proposes like `testudo guardian sign` does, and signs what
// has been tried and passed. Everywhere else this is a human being.
import type { Signer } from "@testudo/core/model/Signer";
import { serverAt } from "../cli/served/serverClient.ts";
import { assertSignable } from "../operator/checkProposal.ts";
import { parseProposal } from "../operator/Proposal.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";

/** Whom a scripted guardian serves. */
export interface GuardianOptions {
  readonly url: string;
  readonly dataDir: string;
  readonly signer: Signer;
  readonly council: string;
  readonly chainId: number;
  /** The chain's time in Unix seconds: a drill's chain lives in its own time. */
  readonly now: () => bigint;
  readonly signal: AbortSignal;
}

const lookEveryMs = 50;

/** Signs every proposal that may be signed, once, until the signal fires. */
export async function playGuardian(options: GuardianOptions): Promise<void> {
  const { signer, council, chainId, signal } = options;
  const signed = new Set<string>();
  while (!signal.aborted) {
    try {
      // A restarted server has another token.
      const server = serverAt(options.url, options.dataDir);
      const { actions } = (await server.get("/actions?limit=100")) as {
        actions: readonly { action: { id: string }; status?: { state?: string } | null }[];
      };
      for (const view of actions) {
        if (signed.has(view.action.id) || view.status?.state !== "simulated") continue;
        const proposal = parseProposal(view);
        assertSignable(proposal, { council, chainId }, options.now());
        const signature = await signer.signTypedData(toTypedMessage(proposal.action));
        await server.post(`/actions/${proposal.action.id}/approvals`, { signer: signer.address, signature });
        signed.add(proposal.action.id);
      }
    } catch (error) {
      // The server may be restarting, or another guardian was faster; the next look tells.
      if (!(error instanceof Error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
