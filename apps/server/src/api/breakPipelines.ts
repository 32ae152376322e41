import type { Socket } from "node:net";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";

type Fetch = (request: Request, bindings: HttpBindings | Http2Bindings) => Response | Promise<Response>;

// Clients wait for an answer before they ask again on the same connection.
const mostWaiting = 8;

/**
 * `answer`, but a connection on which more than 8 requests wait for their answers is broken. Answers leave in turn, so that the
 * many that fit into a few kilobytes of requests would all be kept for a client that reads none of them.
 */
export function breakPipelines(answer: Fetch): Fetch {
  const waiting = new WeakMap<Socket, number>();
  return (request, bindings) => {
    const { socket } = bindings.incoming;
    // What came in one piece with the request that broke it.
    if (socket.destroyed) return new Response(null, { status: 503 });
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > mostWaiting) {
      socket.destroy();
      return new Response(null, { status: 503 });
    }
    waiting.set(socket, count);
    bindings.outgoing.once("close", () => void waiting.set(socket, waiting.get(socket)! - 1));
    return answer(request, bindings);
  };
}
