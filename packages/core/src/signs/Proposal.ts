// What a governor or timelock is asked to do, read from the events of OpenZeppelin's and Compound's governance.
import { type Address, addressOfWord, type Hex, toWord, wordAt } from "../model/Hex.ts";
import { addressesOfArray, bytesAt, bytesOfArray, wordsOfArray } from "../model/readAbi.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";

/** A call that governance makes when the proposal is executed. */
export interface ProposedCall {
  readonly to: Address;
  readonly value: bigint;
  readonly data: Hex;
}

/** A proposal of a governor, or an operation that a timelock was told to make. */
export interface Proposal {
  readonly governor: Address;
  readonly by: "vote" | "timelock";
  readonly id: string;
  readonly proposer: Address;
  /** In order. Undefined where the event is malformed or longer than 64 calls. */
  readonly calls: readonly ProposedCall[] | undefined;
  readonly logIndex: number;
}

export const proposalCreated = eventTopic(
  "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
);
export const proposalExecuted = eventTopic("ProposalExecuted(uint256)");
export const callScheduled = eventTopic("CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)");

const maxCalls = 64;

/** The proposals that contracts of `governors` tell of in this transaction; the calls of one timelock operation together. */
export function proposalsIn(view: TxView, governors: ReadonlySet<Address>): Proposal[] {
  const proposals: Proposal[] = [];
  const scheduled = new Map<string, Proposal>();
  for (const { address, topics, data, index } of view.logs) {
    if (!governors.has(address)) continue;
    if (topics[0] === proposalCreated)
      proposals.push({
        governor: address,
        by: "vote",
        id: `${wordAt(data, 0) ?? 0n}`,
        proposer: addressOfWord(`0x${toWord(wordAt(data, 1) ?? 0n)}`),
        calls: callsOf(data),
        logIndex: index,
      });
    if (topics[0] !== callScheduled || topics[1] === undefined) continue;
    const key = `${address}${topics[1]}`;
    const before = scheduled.get(key);
    const call = scheduledCall(data);
    const known = before === undefined ? [] : before.calls;
    const isFull = call === undefined || known === undefined || known.length >= maxCalls;
    scheduled.set(key, {
      governor: address,
      by: "timelock",
      id: topics[1],
      proposer: view.tx.from,
      calls: isFull ? undefined : [...known, call],
      logIndex: before?.logIndex ?? index,
    });
  }
  return [...proposals, ...scheduled.values()];
}

function callsOf(data: Hex): ProposedCall[] | undefined {
  const targets = addressesOfArray(data, 2, maxCalls);
  const values = wordsOfArray(data, 3, maxCalls);
  const signatures = bytesOfArray(data, 4, maxCalls);
  const inputs = bytesOfArray(data, 5, maxCalls);
  if (targets === undefined || values?.length !== targets.length || inputs?.length !== targets.length) return undefined;
  return targets.map((to, i) => ({ to, value: values[i]!, data: withSignature(signatures?.[i] ?? "0x", inputs[i]!) }));
}

/** Compound's proposals name the function beside its arguments. */
function withSignature(signature: Hex, input: Hex): Hex {
  if (signature === "0x") return input;
  // Whoever proposes may write a text that is longer than a call takes arguments.
  const text = (signature.slice(2).match(/../g) ?? [])
    .map((byte) => String.fromCharCode(Number.parseInt(byte, 16)))
    .join("");
  return `${functionSelector(text)}${input.slice(2)}`;
}

function scheduledCall(data: Hex): ProposedCall | undefined {
  const [to, value, input] = [wordAt(data, 0), wordAt(data, 1), bytesAt(data, 2)];
  if (to === undefined || value === undefined || input === undefined) return undefined;
  return { to: addressOfWord(`0x${toWord(to)}`), value, data: input };
}
