import type { RpcSeen } from "@testudo/chain/rpc/rpcEndpoint";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";

/** Told of what nodes say about the time. */
export interface ClockWatch {
  /** An answer of a node, with the second that stands in its header. */
  onAnswer(seen: Pick<RpcSeen, "endpoint" | "ms" | "serverDateMs">): void;
  /** A live block, which cannot have been made in the future. */
  onBlock(event: Extract<ChainEvent, { kind: "block" }>): void;
}

const allowedMs = 2_000;
// One odd answer is the network's; three in a row are a clock.
const strikesNeeded = 3;
const blocks = "clock of the chain";

/**
 * Compares this machine's clock with its nodes' (SELF-01). A difference counts only as far as it is beyond doubt: a header names
 * whole seconds, and an answer is under way for a while. Blocks are looked at where no node names the time, and can only show that
 * the clock is slow: a block may be of any age.
 */
export function watchClocks(tell: (trouble: StreamTrouble) => void, now: () => number = Date.now): ClockWatch {
  const strikes = new Map<string, number>();
  const told = new Set<string>();
  let hasDates = false;

  const judge = (endpoint: string, offMs: number) => {
    if (Math.abs(offMs) <= allowedMs) {
      strikes.delete(endpoint);
      if (told.delete(endpoint))
        tell({
          kind: "trouble",
          trouble: "recovered",
          over: "clock-skew",
          endpoint,
          message: "The clocks agree again.",
        });
      return;
    }
    const count = (strikes.get(endpoint) ?? 0) + 1;
    strikes.set(endpoint, count);
    if (count < strikesNeeded || told.has(endpoint)) return;
    told.add(endpoint);
    const seconds = (Math.abs(offMs) / 1_000).toFixed(1);
    const message = `This machine's clock is at least ${seconds} s ${offMs > 0 ? "ahead of" : "behind"} the ${endpoint}.`;
    tell({ kind: "trouble", trouble: "clock-skew", endpoint, message });
  };
  return {
    onAnswer({ endpoint, ms, serverDateMs }) {
      if (serverDateMs === undefined) return;
      hasDates = true;
      const endMs = now();
      // The server wrote the header at some moment of [end - ms, end], in some moment of its second.
      const least = endMs - ms - (serverDateMs + 1_000);
      const most = endMs - serverDateMs;
      judge(`clock of ${endpoint}`, least > 0 ? least : most < 0 ? most : 0);
    },
    onBlock({ bundle, phase, receivedAtMs }) {
      if (hasDates || phase !== "live") return;
      judge(blocks, Math.min(0, receivedAtMs - Number(bundle.ref.timestamp) * 1_000));
    },
  };
}
