import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import { actorCluster } from "../model/ActorCluster.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { FindingDraft } from "../model/Finding.ts";
import { type Address, addressOfWord, wordAt } from "../model/Hex.ts";
import { addToRing, ringOf } from "../model/Ring.ts";
import { byTopic, functionSelector } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";
import { findFlashLoans } from "../signs/FlashLoan.ts";
import { amountOf } from "../signs/Holding.ts";
import { proposalCreated, proposalExecuted } from "../signs/Proposal.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { type AgedVote, readToken, readVoteAges, type Vote } from "./flashVote/readVotes.ts";

/** A governor, and the protected address that it governs. */
export interface WatchedGovernor {
  readonly governor: string;
  readonly subject: string;
  /** The token whose votes count; asked of the governor where it is left out. */
  readonly token?: string | undefined;
}

export interface FlashVoteParams {
  readonly governors: readonly WatchedGovernor[];
  /** Votes that came later than this many blocks before the snapshot are new. */
  readonly lookbackBlocks: number;
  readonly blockSeconds: number;
  /** New votes, as a share of the quorum, that are told. */
  readonly quorumShare: number;
  /** A proposal that is executed sooner than this after it was made, where its governor does not tell its own delays. */
  readonly leastSeconds: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");

/**
 * Flash vote: a decision by votes that were not there a day before.
 *
 *   new votes: weight − getPastVotes(voter, snapshot − N), summed over the proposal; told above x of the quorum      high
 *   borrowed: a governor is dealt with in a transaction that borrows and gives back the voting token      critical
 *   early: executed before votingDelay + votingPeriod (or `leastSeconds`) have passed since it was proposed      critical
 *
 * Votes are counted at the proposal's own snapshot, in blocks or in seconds, as the governor's clock does (ERC-6372); tokens
 * that do not tell past votes are followed by DelegateVotesChanged while we watch. Source: Beanstalk 2022-04; OpenZeppelin
 * Governor. Defaults: N 7,200 blocks, x 20 %. Calibration: the history of new votes. Degraded without S: only what is
 * borrowed or early; without T and H loans by event alone.
 * Evasion: votes bought more than N blocks before, or spread over voters, each in proposals of their own.
 */
export const detectFlashVote: Detector<FlashVoteParams> = {
  meta: {
    id: "flash-vote",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["S", "T", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#flash-vote",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      governors: z.array(z.object({ governor: address, subject: address, token: address.optional() }).strict()).max(64),
      lookbackBlocks: z.number().int().min(1),
      blockSeconds: z.number().positive().max(3_600),
      quorumShare: z.number().positive().max(1),
      leastSeconds: z.number().int().min(0),
    })
    .strict(),
  defaults: { governors: [], lookbackBlocks: 7_200, blockSeconds: 12, quorumShare: 0.2, leastSeconds: 86_400 },
  detect(context) {
    for (const one of context.params.governors) {
      const touching = context.txs.filter((view) => touchedBy(view, new Set([one.governor as Address])).size > 0);
      const token = touching.length === 0 ? undefined : tokenOf(context, one);
      if (token !== undefined) judgeLoans(context, one, token, touching);
      if (token !== undefined) followDelegates(context, token);
      judgeVotes(context, one, token, touching);
      judgePace(context, one, touching);
    }
  },
};

type Context = DetectContext<FlashVoteParams>;

function tokenOf(context: Context, one: WatchedGovernor): Address | undefined {
  if (one.token !== undefined) return one.token as Address;
  const known = context.memory.get(`token:${one.governor}`) as Address | undefined;
  if (known !== undefined || !context.block.has.includes("S")) return known;
  const token = readToken(one.governor as Address, (reads) => context.readAll(reads));
  if (token !== undefined) context.memory.set(`token:${one.governor}`, token);
  return token;
}

function judgeLoans(context: Context, one: WatchedGovernor, token: Address, touching: readonly TxView[]): void {
  for (const view of touching) {
    const loans = findFlashLoans(view);
    const isOfVotes = loans.some((l) => l.asset === token) || (loans.length > 0 && movesToActors(context, view, token));
    if (!isOfVotes) continue;
    tell(context, one, {
      severity: "critical",
      reason: `The governor ${one.governor} was dealt with under a flash loan of its votes.`,
      txHash: view.tx.hash,
      addresses: [one.governor as Address, view.tx.from, ...loans.map((l) => l.lender)].slice(0, 16),
      key: ["borrowed", view.tx.hash],
      score: 1,
      evidence: {
        kind: "borrowed",
        governor: one.governor,
        token,
        loans: loans.map((l) => ({ lender: l.lender, by: l.by, amount: l.amount ?? null })).slice(0, 16),
      },
    });
  }
}

function movesToActors(context: Context, view: TxView, token: Address): boolean {
  const actors = actorCluster(view, context.watched, context.deployerOf);
  return [...actors].some((a) => view.flow().net.get(a)?.has(token));
}

const delegateChanged = byTopic(["DelegateVotesChanged(address,uint256,uint256)"]);
const maxDelegates = 512;

/** For tokens that do not tell the past: who came by votes, and when. */
function followDelegates(context: Context, token: Address): void {
  const fresh: Gain[] = [];
  for (const { address: emitter, topics, data } of context.block.logs) {
    if (emitter !== token || !delegateChanged.has(topics[0] ?? "") || topics[1] === undefined) continue;
    const [before, after] = [wordAt(data, 0), wordAt(data, 1)];
    if (before === undefined || after === undefined || after <= before) continue;
    fresh.push([addressOfWord(topics[1]), after - before, Number(context.block.ref.timestamp)]);
  }
  if (fresh.length > 0) context.memory.set(`gained:${token}`, largestOf([...gainsOf(context, token), ...fresh]));
}

type Gain = readonly [delegate: Address, gained: bigint, at: number];

/** What delegates came by within the look-back. */
function gainsOf({ memory, block, params }: Context, token: Address): readonly Gain[] {
  const oldest = Number(block.ref.timestamp) - params.lookbackBlocks * params.blockSeconds;
  return ringOf<Gain>(memory, `gained:${token}`).filter(([, , at]) => Number(at) > oldest);
}

// A delegation of next to nothing costs little gas, and many would push out the votes that somebody has just come by. Of equal
// ones those that came first stay.
function largestOf(gains: readonly Gain[]): readonly Gain[] {
  if (gains.length <= maxDelegates) return gains;
  const byGain = gains.toSorted(([, a], [, b]) => (a === b ? 0 : a > b ? -1 : 1));
  const kept = new Set(byGain.slice(0, maxDelegates));
  return gains.filter((gain) => kept.has(gain));
}

function gainedSince(context: Context, token: Address, voter: Address): bigint {
  return gainsOf(context, token)
    .filter(([delegate]) => delegate === voter)
    .reduce((sum, [, gained]) => sum + BigInt(gained), 0n);
}

const voteCast = byTopic([
  "VoteCast(address,uint256,uint8,uint256,string)",
  "VoteCastWithParams(address,uint256,uint8,uint256,string,bytes)",
]);

function votesIn(view: TxView, governor: string): Vote[] {
  return view.logs.flatMap(({ address: emitter, topics, data }) => {
    const [proposal, , weight] = [0, 1, 2].map((i) => wordAt(data, i));
    if (emitter !== governor || !voteCast.has(topics[0] ?? "") || topics[1] === undefined) return [];
    if (proposal === undefined || weight === undefined || weight === 0n) return [];
    return [{ voter: addressOfWord(topics[1]), proposal, weight }];
  });
}

const maxProposals = 256;

function judgeVotes(
  context: Context,
  one: WatchedGovernor,
  token: Address | undefined,
  touching: readonly TxView[],
): void {
  const cast = touching.flatMap((view) => votesIn(view, one.governor).map((vote) => ({ view, vote })));
  if (cast.length === 0 || token === undefined || !context.block.has.includes("S")) return;
  const aged = readVoteAges(
    one.governor as Address,
    token,
    cast.map(({ vote }) => vote),
    context.params,
    (reads) => context.readAll(reads),
  );
  for (const vote of aged) {
    const fresh = freshOf(context, token, vote);
    if (fresh > 0n) judgeFresh(context, one, vote, addFresh(context, one, vote, fresh), cast);
  }
}

function freshOf(context: Context, token: Address, { voter, weight, before }: AgedVote): bigint {
  if (before !== undefined) return weight > before ? weight - before : 0n;
  const gained = gainedSince(context, token, voter);
  return gained < weight ? gained : weight;
}

/** New votes of a proposal so far, over all its voters. */
function addFresh({ memory }: Context, { governor }: WatchedGovernor, { proposal }: Vote, fresh: bigint): bigint {
  const ring = ringOf<readonly [string, bigint]>(memory, `fresh:${governor}`);
  const sum = fresh + BigInt(ring.find(([id]) => id === `${proposal}`)?.[1] ?? 0n);
  const others = ring.filter(([id]) => id !== `${proposal}`);
  memory.set(`fresh:${governor}`, [...others, [`${proposal}`, sum] as const].slice(-maxProposals));
  return sum;
}

function judgeFresh(
  context: Context,
  one: WatchedGovernor,
  vote: AgedVote,
  fresh: bigint,
  cast: readonly { readonly view: TxView; readonly vote: Vote }[],
): void {
  const share = ratioOf(fresh, vote.quorum);
  if (share <= context.params.quorumShare) return;
  const view = cast.find(({ vote: v }) => v.voter === vote.voter && v.proposal === vote.proposal)!.view;
  tell(context, one, {
    severity: "high",
    reason: `Votes that came within ${context.params.lookbackBlocks} blocks of the snapshot make ${(Math.min(share, 1e6) * 100).toFixed(1)} % of a quorum of ${one.governor}.`,
    txHash: view.tx.hash,
    addresses: [one.governor as Address, vote.voter, view.tx.from],
    key: ["new-votes", `${vote.proposal}`],
    score: Math.min(1, share),
    evidence: {
      kind: "new-votes",
      governor: one.governor,
      proposal: vote.proposal,
      voter: vote.voter,
      weight: vote.weight,
      before: vote.before ?? null,
      since: vote.since,
      snapshot: vote.snapshot,
      newVotes: fresh,
      quorum: vote.quorum,
      share: toPlainNumber(share),
    },
  });
}

const [votingDelay, votingPeriod] = ["votingDelay()", "votingPeriod()"].map(functionSelector);

/** Notes when proposals were made, and tells of one that is executed before its time. */
function judgePace(context: Context, one: WatchedGovernor, touching: readonly TxView[]): void {
  const now = Number(context.block.ref.timestamp);
  const key = `made:${one.governor}`;
  for (const view of touching)
    for (const { address: emitter, topics, data } of view.logs) {
      if (emitter !== one.governor) continue;
      const id = `${wordAt(data, 0) ?? wordAt(topics[1] ?? "0x", 0) ?? 0n}`;
      if (topics[0] === proposalCreated) addToRing(context.memory, key, [id, now], maxProposals);
      if (topics[0] !== proposalExecuted) continue;
      const made = ringOf<readonly [string, number]>(context.memory, key).find(([known]) => known === id);
      if (made === undefined) continue;
      const needed = delayOf(context, one);
      const waited = now - Number(made[1]);
      if (waited < needed) tellEarly(context, one, view, { id, waited, needed });
    }
}

function delayOf(context: Context, { governor }: WatchedGovernor): number {
  if (!context.block.has.includes("S")) return context.params.leastSeconds;
  const reads = [votingDelay!, votingPeriod!].map((data) => ({
    kind: "call" as const,
    at: "parent" as const,
    to: governor as Address,
    data,
  }));
  const [delay, period] = context.readAll(reads).map(amountOf);
  if (delay === undefined || period === undefined) return context.params.leastSeconds;
  const units = Number(delay + period);
  // A clock in seconds has periods of days, one in blocks of thousands; a day of 12-s blocks is 7,200.
  const seconds = units > 86_400 ? units : units * context.params.blockSeconds;
  // A tenth less: blocks are not spaced evenly.
  return Math.floor(seconds * 0.9);
}

function tellEarly(
  context: Context,
  one: WatchedGovernor,
  view: TxView,
  { id, waited, needed }: { readonly id: string; readonly waited: number; readonly needed: number },
): void {
  tell(context, one, {
    severity: "critical",
    reason: `A proposal of ${one.governor} was executed ${waited} s after it was made.`,
    txHash: view.tx.hash,
    addresses: [one.governor as Address, view.tx.from],
    key: ["early", id],
    score: 1,
    evidence: { kind: "early", governor: one.governor, proposal: id, waitedSeconds: waited, neededSeconds: needed },
  });
}

function tell(context: Context, one: WatchedGovernor, draft: Omit<FindingDraft, "subject">): void {
  context.finding({ ...draft, subject: one.subject as Address });
}
