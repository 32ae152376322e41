// A transaction under study: its tree with numbers, its logs with the calls that wrote them, and its movements. Computed once.
import { type AssetFlow, assetFlowOf } from "@testudo/core/model/AssetFlow";
import type { CallFrame, FrameLog, Log } from "@testudo/core/model/BlockBundle";
import { logsOf, type Visit, walk } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { type Transfer, transfersOf } from "@testudo/core/model/Transfer";
import type { TxView } from "@testudo/core/model/TxView";
import type { Examined } from "./Examined.ts";
import { type Decoder, openDecoder } from "./openDecoder.ts";

export interface Study {
  readonly examined: Examined;
  readonly view: TxView;
  readonly visits: readonly Visit[];
  /** The call that wrote each log of `view.logs`; 0 where the tree has no logs. */
  readonly callOfLog: readonly number[];
  readonly transfers: readonly Transfer[];
  readonly decoder: Decoder;
  /** Addresses whose code ran, or that were created. */
  readonly hasCode: ReadonlySet<Address>;
}

export function openStudy(examined: Examined): Study {
  const { tx, trace } = examined;
  const placed = placedLogs(trace);
  const given = placed.length > 0 ? placed.map(({ log }) => log) : (examined.logs ?? []);
  const logs = given.map(({ address, topics, data }, index): Log => ({ address, topics, data, index, txIndex: 0 }));
  let flow: AssetFlow | undefined;
  const view: TxView = {
    tx,
    logs,
    trace,
    flow: () => {
      flow ??= assetFlowOf(tx, logs, trace);
      return flow;
    },
  };
  return {
    examined,
    view,
    visits: walk(trace),
    callOfLog: placed.length > 0 ? placed.map(({ call }) => call) : given.map(() => 0),
    transfers: transfersOf(tx, logs, trace).transfers,
    decoder: openDecoder(examined.abis),
    hasCode: codeOf(trace),
  };
}

/** Logs of frames that lasted with the number of their call, in the order of `logsOf`. */
function placedLogs(root: CallFrame): { readonly log: FrameLog; readonly call: number }[] {
  const callOf = new Map<FrameLog, number>();
  for (const { frame, order } of walk(root)) for (const log of frame.logs) callOf.set(log, order);
  return logsOf(root).map((log) => ({ log, call: callOf.get(log)! }));
}

function codeOf(root: CallFrame): Set<Address> {
  const found = new Set<Address>();
  for (const { frame, reverted } of walk(root)) {
    if (reverted) continue;
    if (frame.calls.length > 0 || frame.logs.length > 0 || frame.output !== "0x") found.add(frame.to);
    if (frame.type === "CREATE" || frame.type === "CREATE2") found.add(frame.to);
  }
  return found;
}
