// What a thread without nodes of its own asks of the one that has them. So all requests to a node keep within what it can stand, are
// counted once, and no address with a key in it is where strangers' code runs.
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import type { Endpoint, RpcAnswer, RpcCall } from "@testudo/chain/rpc/rpcEndpoint";
import type { Ask } from "../jobs/thread/serveOrders.ts";

/** How a node is known there. */
export type NodeName = Pick<Endpoint, "label" | "timeoutMs">;

export interface NodeQuestion {
  /** Its place among the nodes. */
  readonly node: number;
  readonly calls: readonly RpcCall[];
  /** Asked as one call whose refusal is thrown; otherwise each has an answer. */
  readonly isSingle: boolean;
  readonly timeoutMs?: number;
}

/** An answer of a batch as it goes from thread to thread, which errors lose their fields by. */
type PlainAnswer =
  | Extract<RpcAnswer, { readonly ok: true }>
  | { readonly ok: false; readonly error: Pick<RpcRefused, "code" | "said" | "data"> };

/** Answers questions of a thread out of `endpoints`. Throws what they throw. */
export function answerByNodes(endpoints: readonly Endpoint[]): (question: NodeQuestion) => Promise<unknown> {
  return async ({ node, calls, isSingle, ...options }) => {
    const endpoint = endpoints[node]!;
    if (isSingle) return endpoint.request(calls[0]!.method, calls[0]!.params, options);
    return (await endpoint.batch(calls, options)).map(toPlain);
  };
}

function toPlain(answer: RpcAnswer): PlainAnswer {
  if (answer.ok) return answer;
  const { code, said, data } = answer.error;
  return { ok: false, error: { code, said, data } };
}

/** The nodes by their names, as a thread asks them with `ask`. */
export function nodesBehind(names: readonly NodeName[], ask: Ask): Endpoint[] {
  return names.map((name, node) => ({
    ...name,
    url: name.label,
    request: (method, params = [], options = {}) =>
      ask({ node, calls: [{ method, params }], isSingle: true, ...options } satisfies NodeQuestion),
    async batch(calls, options = {}) {
      const answers = await ask({ node, calls, isSingle: false, ...options } satisfies NodeQuestion);
      return (answers as readonly PlainAnswer[]).map((answer, i): RpcAnswer => {
        if (answer.ok) return answer;
        const { code, said, data } = answer.error;
        return { ok: false, error: new RpcRefused(name.label, calls[i]!.method, code, said, data) };
      });
    },
    close: () => undefined,
  }));
}
