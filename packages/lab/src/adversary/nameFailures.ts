// Which assertions failed in a call. An event names itself; a panic is named by where it stands.
import type { Address } from "@testudo/core/model/Hex";
import type { TracedCall } from "@testudo/evm/readTrace";
import type { Hex } from "viem";
import { decodeAbiParameters, toEventSelector } from "viem/utils";
import { toHex } from "../record/bytes.ts";
import { placeOfSite, readPath } from "./Path.ts";
import type { Stage } from "./Stage.ts";

/** Tells where an offset in the code at an address stands in source, such as "Vault.sol:34". */
export type TellPlace = (address: Address, offset: number) => string | undefined;

const panic = "0x4e487b710000000000000000000000000000000000000000000000000000000000000001";
const invalidOpcode = "invalid opcode: INVALID";
const withText: Hex = toEventSelector("AssertionFailed(string)");
const mostText = 80;

/** Names of assertions that failed in the last call of the batch, which kept its comparisons and was traced. */
export function nameFailures(stage: Stage, index: number, topics: ReadonlyMap<Hex, string>, tell: TellPlace): string[] {
  const names = new Set<string>();
  const tree = stage.engine.traceWithFailedLogs();
  if (tree === undefined) return [];
  for (const frame of framesOf(tree)) {
    const events = frame.logs.flatMap(({ topics: [topic], data }) => nameOfEvent(topic, data, topics));
    for (const name of events) names.add(name);
    if (events.length > 0 || !isAssertion(frame)) continue;
    const offset = lastComparison(stage, index, frame.to);
    names.add(
      offset === undefined ? `assert in ${frame.to}` : (tell(frame.to, offset) ?? `assert at ${frame.to}:${offset}`),
    );
  }
  return [...names];
}

function isAssertion({ error, output, calls }: TracedCall): boolean {
  // A revert that a contract passes on is the callee's.
  const isPassedOn = calls.some((call) => call.error !== undefined && call.output === output);
  return (output === panic && !isPassedOn) || (error?.startsWith(invalidOpcode) ?? false);
}

function nameOfEvent(topic: Hex | undefined, data: Hex, topics: ReadonlyMap<Hex, string>): string[] {
  const name = topic === undefined ? undefined : topics.get(topic);
  if (name === undefined) return [];
  if (topic !== withText) return [name];
  try {
    const [text] = decodeAbiParameters([{ type: "string" }], data);
    return [`AssertionFailed(${JSON.stringify(text.slice(0, mostText))})`];
  } catch {
    return [name];
  }
}

function lastComparison({ engine, batch }: Stage, index: number, address: Address): number | undefined {
  const code = engine.account(address)?.code;
  if (code === undefined) return undefined;
  const text = toHex(code);
  const { sites } = readPath(batch.comparisons(index));
  for (let i = sites.length - 1; i >= 0; i--) {
    const place = placeOfSite(sites[i]!);
    if (toHex(engine.codeOf(place.code)) === text) return place.offset;
  }
  return undefined;
}

function* framesOf(call: TracedCall): Generator<TracedCall> {
  yield call;
  for (const inner of call.calls) yield* framesOf(inner);
}
