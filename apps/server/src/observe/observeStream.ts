import type { Scope } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Metrics } from "./Metrics.ts";

type StreamEvent = ChainEvent | StreamTrouble;

/** Passes `stream` on and counts what it tells. `wanted`: the scopes that detectors can use of a block. */
export async function* observeStream(
  metrics: Metrics,
  wanted: readonly Scope[],
  stream: AsyncIterable<StreamEvent>,
  onBlock: (event: Extract<ChainEvent, { kind: "block" }>) => void,
): AsyncGenerator<StreamEvent> {
  for (const scope of wanted) metrics.scopeDegraded.set({ scope }, 0);
  for await (const event of stream) {
    count(metrics, wanted, event);
    if (event.kind === "block") onBlock(event);
    yield event;
  }
}

function count(metrics: Metrics, wanted: readonly Scope[], event: StreamEvent): void {
  if (event.kind === "block")
    for (const scope of wanted) metrics.scopeDegraded.set({ scope }, event.bundle.has.includes(scope) ? 0 : 1);
  if (event.kind === "reorg") {
    metrics.reorgs.inc();
    metrics.reorgDepth.observe(event.orphaned.length);
  }
  if (event.kind === "trouble" && event.trouble === "endpoint-disagrees") metrics.rpcDisagreements.inc();
}
