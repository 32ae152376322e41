import type { Log } from "../model/BlockBundle.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "../model/Hex.ts";
import type { ProtocolEvent } from "../model/ProtocolEvent.ts";
import type { TxView } from "../model/TxView.ts";

/** A log's fields by their place, or undefined where the log is too short for its event. */
export interface LogFields {
  readonly index: number;
  readonly address: Address;
  topic(at: number): Hex | undefined;
  addressTopic(at: number): Address | undefined;
  uint(word: number): bigint | undefined;
  int(word: number): bigint | undefined;
  addressWord(word: number): Address | undefined;
}

/** What an event says; `said` are the events of the same transaction before it, for those that complete each other. */
export type LogRule = (log: LogFields, said: ProtocolEvent[]) => ProtocolEvent | readonly ProtocolEvent[] | undefined;

/**
 * Reads a transaction's logs by rules: emitter and topic 0 choose the rule. A log that is cut short says nothing, so that
 * nothing that anybody emits makes a detector throw (DET-05); only the protocol's own addresses are listened to.
 */
export function readLogs(view: TxView, rules: ReadonlyMap<string, LogRule>): ProtocolEvent[] {
  const said: ProtocolEvent[] = [];
  for (const log of view.logs) {
    const rule = rules.get(`${log.address}|${log.topics[0] ?? ""}`);
    const found = rule?.(fieldsOf(log), said);
    if (found !== undefined) said.push(...("kind" in found ? [found] : found));
  }
  return said;
}

/** The key of a rule in `readLogs`. */
export function ruleKey(emitter: Address, topic: Hex): string {
  return `${emitter}|${topic}`;
}

function fieldsOf(log: Log): LogFields {
  const uint = (word: number) => wordAt(log.data, word);
  return {
    index: log.index,
    address: log.address,
    topic: (at) => log.topics[at],
    addressTopic: (at) => (log.topics[at] === undefined ? undefined : addressOfWord(log.topics[at])),
    uint,
    int: (word) => {
      const value = uint(word);
      return value === undefined ? undefined : BigInt.asIntN(256, value);
    },
    addressWord: (word) => {
      const value = uint(word);
      return value === undefined ? undefined : `0x${(value & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
    },
  };
}
