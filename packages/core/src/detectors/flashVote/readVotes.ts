// What voters had, long enough before a vote counts them.
import type { Address, Hex } from "../../model/Hex.ts";
import { addressOfWord, toWord } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import { functionSelector } from "../../model/signatureHash.ts";
import { amountOf } from "../../signs/Holding.ts";

/** A vote as its event tells it. */
export interface Vote {
  readonly voter: Address;
  readonly proposal: bigint;
  readonly weight: bigint;
}

/** A vote with what of it is new. Votes are in the token's smallest unit. */
export interface AgedVote extends Vote {
  readonly snapshot: bigint;
  readonly quorum: bigint;
  /** Votes at `since`, in the governor's own clock; undefined where the token does not tell. */
  readonly before: bigint | undefined;
  readonly since: bigint;
}

type ReadAll = (reads: readonly StateRead[]) => readonly StateAnswer[];

const [snapshotCall, quorumCall, pastVotesCall, priorVotesCall, tokenCall] = [
  "proposalSnapshot(uint256)",
  "quorum(uint256)",
  "getPastVotes(address,uint256)",
  "getPriorVotes(address,uint256)",
  "token()",
].map(functionSelector) as [Hex, Hex, Hex, Hex, Hex];

const call = (to: Address, data: string): StateRead => ({ kind: "call", at: "block", to, data: data as Hex });

/** The token whose votes `governor` counts; undefined where it does not tell. */
export function readToken(governor: Address, readAll: ReadAll): Address | undefined {
  const [answer] = readAll([call(governor, tokenCall)]);
  return answer?.ok === true && answer.value.length >= 66 ? addressOfWord(answer.value.slice(0, 66) as Hex) : undefined;
}

// A clock that counts seconds is far beyond any block number (ERC-6372).
const leastTimestamp = 1_000_000_000n;

/** How old the votes of `votes` are: what each voter had `lookbackBlocks` before the snapshot. */
export function readVoteAges(
  governor: Address,
  token: Address,
  votes: readonly Vote[],
  { lookbackBlocks, blockSeconds }: { readonly lookbackBlocks: number; readonly blockSeconds: number },
  readAll: ReadAll,
): AgedVote[] {
  const snapshots = readAll(votes.map((v) => call(governor, `${snapshotCall}${toWord(v.proposal)}`))).map(amountOf);
  const known = votes.flatMap((vote, i) => {
    const snapshot = snapshots[i];
    if (snapshot === undefined) return [];
    const back = BigInt(lookbackBlocks) * (snapshot >= leastTimestamp ? BigInt(blockSeconds) : 1n);
    return [{ ...vote, snapshot, since: snapshot > back ? snapshot - back : 0n }];
  });
  const answers = readAll(
    known.flatMap(({ voter, snapshot, since }) => [
      call(governor, `${quorumCall}${toWord(snapshot)}`),
      call(token, `${pastVotesCall}${toWord(voter)}${toWord(since)}`),
      call(token, `${priorVotesCall}${toWord(voter)}${toWord(since)}`),
    ]),
  ).map(amountOf);
  return known.map((vote, i) => {
    const [quorum, past, prior] = answers.slice(i * 3, i * 3 + 3);
    return { ...vote, quorum: quorum ?? 0n, before: past ?? prior };
  });
}
