import type { CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import type { TracedFrame } from "../record/TracedFrame.ts";
import type { DecodedCall, DecodedEvent } from "./Report.ts";
import type { Study } from "./Study.ts";

// A transaction may make more calls than anybody reads, or any file should hold.
const mostCalls = 5_000;
const mostBytes = 2_048;

/** The call tree with names, arguments, events and reasons. `nameOf` says whose an address is. */
export function decodeCalls(study: Study, nameOf: (address: Address) => string | null): DecodedCall {
  const orders = new Map(walk(study.view.trace!).map(({ frame, order }) => [frame, order]));
  let left = mostCalls;

  function decode(frame: CallFrame | TracedFrame): DecodedCall {
    left -= 1;
    const isCreation = frame.type === "CREATE" || frame.type === "CREATE2";
    const isFailed = frame.error !== undefined;
    const said = isCreation ? undefined : study.decoder.call(frame.input, frame.output, isFailed);
    const calls: DecodedCall[] = [];
    for (const call of frame.calls) {
      if (left <= 0) break;
      calls.push(decode(call));
    }
    return {
      id: orders.get(frame)!,
      type: frame.type,
      from: frame.from,
      to: frame.to,
      name: nameOf(frame.to),
      function: said?.signature ?? null,
      args: said?.args ?? [],
      returns: said?.returns ?? [],
      value: frame.value,
      gas: "gas" in frame ? frame.gas : null,
      gasUsed: "gasUsed" in frame ? frame.gasUsed : null,
      error: frame.error ?? null,
      reason: isFailed ? (study.decoder.reason(frame.output) ?? null) : null,
      input: cut(frame.input),
      output: cut(frame.output),
      events: frame.logs.map((log) => decodeEvent(study, log)),
      calls,
      omitted: frame.calls.length - calls.length,
    };
  }
  return decode(study.view.trace!);
}

function decodeEvent({ decoder }: Study, log: FrameLog): DecodedEvent {
  const { address, topics, data, position = 0 } = log;
  const said = decoder.event(log);
  return { address, name: said?.name ?? null, args: said?.args ?? [], topics, data: cut(data), position };
}

function cut<T extends string>(bytes: T): T {
  return bytes.slice(0, 2 + 2 * mostBytes) as T;
}
