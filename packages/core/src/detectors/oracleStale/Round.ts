// What a feed is asked, and what its answer says: a price, its time, and where there are any its rounds or its fault.
import { type Address, wordAt } from "../../model/Hex.ts";
import { numberOf, type Reading, readOf } from "../../model/Reading.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import { functionSelector } from "../../model/signatureHash.ts";

/** A feed and how often it speaks. */
export interface AgedFeed {
  readonly name: string;
  /** The protected address that relies on it. */
  readonly subject: string;
  /** A Chainlink-style feed (`latestRoundData`), one of our price adapters, or any two readings of a price and of its Unix time. */
  readonly feed: string | { readonly adapter: string } | { readonly value: Reading; readonly updatedAt: Reading };
  /** The longest time between two updates that its makers promise. */
  readonly heartbeatSeconds: number;
  /** Chainlink's sequencer feed of a layer 2; its prices count only after it has been up for `graceSeconds`. */
  readonly sequencer?: { readonly feed: string; readonly graceSeconds: number } | undefined;
}

// What it is asked for concerns averages alone; a source of a single price takes no notice.
const adapterRead = `${functionSelector("read(uint16,uint32,uint128)")}${"0".repeat(192)}` as const;
const latestRoundData = functionSelector("latestRoundData()");

export function readsOf({ feed: source, sequencer }: AgedFeed): StateRead[] {
  const chainlink = (to: string): StateRead => ({
    kind: "call",
    at: "block",
    to: to as Address,
    data: latestRoundData,
  });
  return [
    ...(typeof source === "string"
      ? [chainlink(source)]
      : "adapter" in source
        ? [{ kind: "call" as const, at: "block" as const, to: source.adapter as Address, data: adapterRead }]
        : [readOf(source.value, "block"), readOf(source.updatedAt, "block")]),
    ...(sequencer === undefined ? [] : [chainlink(sequencer.feed)]),
  ];
}

/** What a feed says of itself; `round` and `answeredIn` only where it counts rounds. */
export interface Round {
  readonly value: number;
  readonly updatedAt: number;
  readonly round?: bigint;
  readonly answeredIn?: bigint;
  /** A price adapter's own word against its price; 0 is none. */
  readonly fault?: bigint;
}

export function roundOf({ feed: source }: AgedFeed, answers: readonly StateAnswer[]): Round | undefined {
  if (typeof source === "string") return chainlinkRound(answers[0]);
  if ("adapter" in source) return adapterRound(answers[0]);
  const [value, updatedAt] = [numberOf(source.value, answers[0]), numberOf(source.updatedAt, answers[1])];
  return value === undefined || updatedAt === undefined ? undefined : { value, updatedAt };
}

/** A price adapter's answer: the price in WAD, and a word of time (40 bits), confidence (16) and fault. */
function adapterRound(answer: StateAnswer | undefined): Round | undefined {
  if (answer?.ok !== true) return undefined;
  const [price, stamp] = [wordAt(answer.value, 0), wordAt(answer.value, 1)];
  if (price === undefined || stamp === undefined) return undefined;
  return { value: Number(price) / 1e18, updatedAt: Number(stamp & 0xff_ffff_ffffn), fault: stamp >> 56n };
}

function chainlinkRound(answer: StateAnswer | undefined): Round | undefined {
  if (answer?.ok !== true) return undefined;
  const [round, value, , updatedAt, answeredIn] = [0, 1, 2, 3, 4].map((i) => wordAt(answer.value, i));
  if (round === undefined || value === undefined || updatedAt === undefined || answeredIn === undefined)
    return undefined;
  return { value: Number(BigInt.asIntN(256, value)), updatedAt: Number(updatedAt), round, answeredIn };
}
