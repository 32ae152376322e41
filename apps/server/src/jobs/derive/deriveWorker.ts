// One search for a rule, on a core of its own: it waits, loaded, for its task, and ends with it.
import { parentPort } from "node:worker_threads";
import { openNode } from "../../watch/openNode.ts";
import { isNodes } from "../askNodes.ts";
import { type DeriveResult, type DeriveTask, deriveRule } from "./deriveRule.ts";

/** What it is sent: a task, and the nodes to ask in turn. */
export interface DeriveOrder {
  readonly task: DeriveTask;
  readonly urls: readonly string[];
}

/** What it says. */
export type DeriveWord =
  | { readonly kind: "stage"; readonly stage: string }
  | ({ readonly kind: "end" } & DeriveResult)
  | { readonly kind: "failed"; readonly message: string };

const say = (word: DeriveWord): void => parentPort!.postMessage(word);

parentPort!.once("message", (order: DeriveOrder) => {
  search(order).then(
    (result) => say({ kind: "end", ...result }),
    (error: unknown) => say({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});

async function search({ task, urls }: DeriveOrder): Promise<DeriveResult> {
  let failure: unknown;
  for (const url of urls) {
    const endpoint = await openNode(url);
    try {
      return await deriveRule(endpoint, task, (stage) => say({ kind: "stage", stage }));
    } catch (error) {
      if (!isNodes(error)) throw error;
      failure = error;
    } finally {
      endpoint.close();
    }
  }
  throw failure;
}
