import { circuitBreaker, errorsAbi } from "@testudo/contracts";
import type { Log } from "@testudo/core/model/BlockBundle";
import { type Address, addressOfWord, type Hex, toLower } from "@testudo/core/model/Hex";
import { decodeErrorResult, decodeEventLog, toEventSelector } from "viem/utils";

/** Topics of what the circuit breaker tells about a selector. */
export const tripTopics: { readonly tripped: Hex; readonly released: Hex } = {
  tripped: toEventSelector("Tripped(address,bytes4,uint40,bytes32,bytes32)"),
  released: toEventSelector("Released(address,bytes4)"),
};

/** A pause that began or was taken back on chain. */
export type TripEvent =
  | {
      readonly kind: "tripped";
      readonly breaker: Address;
      readonly target: Address;
      readonly selector: Hex;
      /** Unix seconds. */
      readonly until: bigint;
      readonly reason: Hex;
      readonly evidence: Hex;
      readonly txIndex: number;
    }
  | {
      readonly kind: "released";
      readonly breaker: Address;
      readonly target: Address;
      readonly selector: Hex;
      readonly txIndex: number;
    };

/**
 * Reads a log of a circuit breaker; undefined when it is another event. Anyone can emit such a log: the caller compares
 * `breaker` with the one it knows.
 */
export function readTrip(log: Log): TripEvent | undefined {
  const [kind, target, selector] = log.topics;
  if (log.topics.length !== 3 || target === undefined || selector === undefined) return undefined;
  const subject = {
    breaker: log.address,
    target: addressOfWord(target),
    selector: selector.slice(0, 10) as Hex,
    txIndex: log.txIndex,
  };
  if (kind === tripTopics.released) return { kind: "released", ...subject };
  if (kind !== tripTopics.tripped) return undefined;
  const args = readTripped(log);
  return args === undefined ? undefined : { kind: "tripped", ...subject, ...args };
}

function readTripped({ topics, data }: Log): { until: bigint; reason: Hex; evidence: Hex } | undefined {
  try {
    const { args } = decodeEventLog({
      abi: circuitBreaker.abi,
      eventName: "Tripped",
      topics: [...topics] as [Hex, ...Hex[]],
      data,
    });
    return { until: BigInt(args.until), reason: toLower(args.reason), evidence: toLower(args.evidence) };
  } catch {
    return undefined;
  }
}

/** A revert in words: `Breaker_Paused(0x2e1a7d4d, 1763700000)`, or the bytes where no known error fits. */
export function describeRevert(data: Hex): string {
  if (data === "0x") return "no reason given";
  try {
    const { errorName, args } = decodeErrorResult({ abi: errorsAbi, data });
    return `${errorName}(${(args ?? []).map((arg) => `${arg}`).join(", ")})`;
  } catch {
    return data.length > 138 ? `${data.slice(0, 138)}…` : data;
  }
}
