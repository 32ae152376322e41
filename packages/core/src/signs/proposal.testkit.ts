// Encodes the events of governance, for tests only.
import { type CaseLog, topicOf } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { callScheduled, type ProposedCall, proposalCreated } from "./Proposal.ts";

const word = (value: bigint | Hex) => toWord(value);

function bytesOf(data: Hex): string {
  const length = (data.length - 2) / 2;
  return word(BigInt(length)) + data.slice(2).padEnd(Math.ceil(length / 32) * 64, "0");
}

function arrayOf(entries: readonly string[], isDynamic: boolean): string {
  if (!isDynamic) return word(BigInt(entries.length)) + entries.join("");
  let at = entries.length * 32;
  const heads = entries.map((entry) => {
    const head = word(BigInt(at));
    at += entry.length / 2;
    return head;
  });
  return word(BigInt(entries.length)) + heads.join("") + entries.join("");
}

/** Encodes arguments: a word, or what is dynamic as its encoded tail. */
function tuple(parts: readonly (bigint | Hex | { readonly tail: string })[]): Hex {
  let at = parts.length * 32;
  const heads: string[] = [];
  const tails: string[] = [];
  for (const part of parts) {
    if (typeof part !== "object") {
      heads.push(word(part));
      continue;
    }
    heads.push(word(BigInt(at)));
    tails.push(part.tail);
    at += part.tail.length / 2;
  }
  return `0x${heads.join("")}${tails.join("")}`;
}

/** `signatures` as Compound's governors give them, in hexadecimal of their text. */
export function proposalLog(
  governor: Address,
  proposal: {
    readonly id: bigint;
    readonly proposer: Address;
    readonly calls: readonly ProposedCall[];
    readonly signatures?: readonly Hex[];
  },
): CaseLog {
  const { id, proposer, calls, signatures = calls.map((): Hex => "0x") } = proposal;
  const data = tuple([
    id,
    proposer,
    {
      tail: arrayOf(
        calls.map(({ to }) => word(to)),
        false,
      ),
    },
    {
      tail: arrayOf(
        calls.map(({ value }) => word(value)),
        false,
      ),
    },
    { tail: arrayOf(signatures.map(bytesOf), true) },
    {
      tail: arrayOf(
        calls.map(({ data: input }) => bytesOf(input)),
        true,
      ),
    },
    1n,
    2n,
    { tail: bytesOf("0x6d696e65") },
  ]);
  return { address: governor, topics: [proposalCreated], data };
}

export function scheduledLog(timelock: Address, id: bigint, index: bigint, { to, value, data }: ProposedCall): CaseLog {
  return {
    address: timelock,
    topics: [callScheduled, topicOf(id), topicOf(index)],
    data: tuple([to, value, { tail: bytesOf(data) }, 0n, 172_800n]),
  };
}
