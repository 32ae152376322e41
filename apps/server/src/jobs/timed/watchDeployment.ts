import { sleep } from "@testudo/chain/rpc/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { countOf } from "@testudo/core/model/countOf";
import type { Verified } from "../../deploy/verify.ts";

/** What watching a deployment needs. */
export interface DeploymentWatch {
  /** Compares the chain with the file. */
  readonly check: () => Promise<Pick<Verified, "rows" | "drift" | "blockNumber">>;
  readonly everyMs: number;
  readonly tell: (trouble: StreamTrouble) => void;
  /** Whether a block has been judged: before that nothing can be raised. */
  readonly isReady: () => boolean;
  readonly signal: AbortSignal;
}

const endpoint = "deployment";
const shown = 5;

/**
 * Compares what stands with its file at the start and then every `everyMs`, and tells each drift once, and its end. A
 * check that cannot be made is told too. Resolves when `signal` is aborted.
 */
export async function watchDeployment({ check, everyMs, tell, isReady, signal }: DeploymentWatch): Promise<void> {
  let told: string | undefined;
  while (!isReady() && !signal.aborted) await sleep(200, signal);
  while (!signal.aborted) {
    const trouble = await lookOnce(check);
    if (signal.aborted) return;
    if (trouble === undefined && told !== undefined)
      tell({ kind: "trouble", trouble: "recovered", endpoint, message: "The deployment is as its file says again." });
    // The block of a look changes each time; what differs is what counts.
    if (trouble !== undefined && trouble.message !== told) tell(trouble);
    told = trouble?.message;
    await sleep(everyMs, signal);
  }
}

async function lookOnce(check: DeploymentWatch["check"]): Promise<StreamTrouble | undefined> {
  try {
    const { rows, drift } = await check();
    if (drift === 0) return undefined;
    const lines = rows
      .filter(({ verdict }) => verdict === "drift")
      .map(({ module, field, expected, found }) => `${module}: ${field}: expected ${expected}, found ${found}`);
    const more = drift > shown ? `; and ${drift - shown} more` : "";
    const message = `The deployment has drifted from its file in ${countOf(drift, "value")}: ${lines.slice(0, shown).join("; ")}${more}.`;
    return { kind: "trouble", trouble: "deployment-drift", endpoint, message };
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
    const message = `The deployment could not be compared with its file: ${why}`;
    return { kind: "trouble", trouble: "deployment-unread", endpoint, message };
  }
}
