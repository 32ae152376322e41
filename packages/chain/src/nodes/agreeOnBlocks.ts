import { blockCall, fetchBlock } from "../block/fetchBundle.ts";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import { PATIENCE_MS, pollInTurn } from "../rpc/pollInTurn.ts";
import { RpcMalformed, RpcRefused } from "../rpc/RpcError.ts";
import { type Block, parseBlock } from "../wire/parseBlock.ts";
import type { Candidate, Dispute } from "./Dispute.ts";
import type { EndpointPool, Member } from "./EndpointPool.ts";

/** A block, and who says that it stands at its number. The first of `by` gave the block itself. */
export interface AgreedBlock {
  readonly block: Block;
  readonly by: readonly Member[];
  /** Those of them who say what its receipts come to. */
  readonly rootBy: readonly Member[];
}

export interface AgreeOptions {
  readonly pool: EndpointPool;
  readonly withTxs: boolean;
  /** Endpoints that rather give the bodies, for example because they offer call trees. */
  readonly prefer?: (member: Member) => boolean;
  readonly dispute: Dispute;
}

/**
 * The blocks at `numbers` (ascending or descending) on whose hash a quorum agrees (STREAM-04), in that order. The list is cut at the first that
 * the endpoints do not have, or on which they disagree; after a block time of disagreement the hash with most votes is
 * taken, and the dispute freezes automatic actions (STREAM-05). Throws `NobodyAnswers` when no endpoint can be asked.
 */
export async function agreeOnBlocks(numbers: readonly bigint[], options: AgreeOptions): Promise<AgreedBlock[]> {
  const { pool } = options;
  const [highest] = [numbers[0]!, numbers.at(-1)!].sort((a, b) => (a > b ? -1 : 1));
  const asked = new Set<Member>();
  let reached = highest!;
  // Looked at anew each time: while one hangs, another may have come as far.
  const next = () => {
    const member = order(pool.candidates(reached), options.prefer).find((one) => !asked.has(one));
    if (member !== undefined) asked.add(member);
    return member;
  };
  const poll = pollInTurn(next, (member, isFirst) => vote(member, numbers, options, isFirst));
  let voters = await poll(pool.quorum);
  if (voters.length === 0) throw new NobodyAnswers(numbers[0]!);
  const isContested = numbers.some((_, i) => isContestedAt(voters, i));
  // Of whoever is late too: he may be one of a quorum.
  if (isContested) voters = await poll(pool.members.length);
  // What one alone says of the receipts another may confirm, and one that has not told yet to have come as far: until then whoever
  // leaves it out could choose the block of which nothing is proved.
  reached = 0n;
  for (let heard = 0; !isContested && heard < voters.length && numbers.some((_, i) => isRootOfOne(voters, i)); ) {
    heard = voters.length;
    voters = await poll(heard + 1);
  }
  const agreed: AgreedBlock[] = [];
  for (const [i, number] of numbers.entries()) {
    const entry = await count(number, i, voters, options);
    if (entry === undefined) break;
    agreed.push(entry);
  }
  // Who claims a head that he has not would hold up those who have the first of them, but not the last.
  if (agreed.length === 0 && highest !== numbers[0]) return agreeOnBlocks([numbers[0]!], options);
  return agreed;
}

interface Ballot {
  readonly member: Member;
  readonly withTxs: boolean;
  readonly blocks: readonly (Block | null)[];
}

function order(members: Member[], prefer: ((member: Member) => boolean) | undefined): Member[] {
  if (prefer === undefined) return members;
  // The endpoints that disagree stay last whatever they offer, before them those that lied, and who fails is preferred to nobody by it.
  const rank = (m: Member) =>
    m.disagreesSinceMs !== undefined ? 3 : m.hasLied ? 2 : m.strikes === 0 && prefer(m) ? 0 : 1;
  return members.sort((a, b) => rank(a) - rank(b));
}

async function vote(
  member: Member,
  numbers: readonly bigint[],
  { pool, ...options }: AgreeOptions,
  isFirst: boolean,
): Promise<Ballot | undefined> {
  const withTxs = options.withTxs && isFirst;
  const source = { method: "eth_getBlockByNumber", endpoint: member.endpoint.label };
  try {
    const answers = await member.endpoint.batch(
      numbers.map((number) => blockCall(number, withTxs)),
      // Where nobody is left to be asked in its place, each block would wait for it. Whoever is asked first may be slow, and all there is.
      member.hungAtMs === undefined || isFirst ? {} : { timeoutMs: Math.min(PATIENCE_MS, member.endpoint.timeoutMs) },
    );
    const blocks = answers.map((answer, i) => {
      if (!answer.ok) throw answer.error;
      const block = parseBlock(answer.result, source);
      return block?.ref.number === numbers[i] ? block : null;
    });
    assertRoots(member, blocks);
    pool.voted(member);
    return { member, withTxs, blocks };
  } catch (error) {
    // Nor does anybody owe a block that he has not told to have.
    if (error instanceof RpcRefused && numbers.some((number) => number > member.head!.number)) return undefined;
    // A refused range is the caller's to halve; at one block there is nothing left to halve.
    if (error instanceof RpcRefused && numbers.length > 1) throw error;
    pool.failed(member, error, "header");
    return undefined;
  }
}

// A node may know of no roots, or a chain have had none at first. One that leaves some out would choose of which blocks nothing is proved.
function assertRoots(member: Member, all: readonly (Block | null)[]): void {
  const blocks = all.filter((block) => block !== null);
  for (const { ref, receiptsRoot } of blocks)
    if (receiptsRoot !== undefined && (member.rootsFrom === undefined || ref.number < member.rootsFrom))
      member.rootsFrom = ref.number;
  const { rootsFrom, endpoint } = member;
  const isMute = ({ ref, receiptsRoot }: Block) =>
    rootsFrom !== undefined && ref.number >= rootsFrom && receiptsRoot === undefined;
  if (!blocks.some(isMute)) return;
  const expected = "what receipts come to, as in earlier blocks of this node";
  throw new RpcMalformed("eth_getBlockByNumber", "receiptsRoot", undefined, expected, endpoint.label);
}

async function count(
  number: bigint,
  index: number,
  voters: readonly Ballot[],
  options: AgreeOptions,
): Promise<AgreedBlock | undefined> {
  const { pool, dispute } = options;
  const ranked = [...contentsOf(voters, index)].sort((a, b) => b.length - a.length);
  const [winner, other] = ranked;
  if (winner === undefined) return undefined;
  const hasQuorum = winner.length >= pool.quorum;
  const message = `Block ${number} is ${ranked.map((by) => `${by[0]!.blocks[index]!.ref.hash} at ${namesOf(by)}`).join(", ")}.`;
  // Fewer voices than a quorum are enough where the others are known to be gone; that has been told, and freezes.
  const isAllThereIs = other === undefined && voters.length < pool.quorum && pool.isShort();
  const candidates = ranked.map((by) => candidateOf(by, index)) as [Candidate, ...Candidate[]];
  if (!hasQuorum && isAllThereIs) dispute.unconfirmed(candidates[0]);
  if (!hasQuorum && !isAllThereIs && !dispute.open(number, message, candidates)) return undefined;
  if (hasQuorum) {
    dispute.settle(number);
    for (const losers of ranked.slice(1)) for (const { member } of losers) pool.outvoted(member, message);
  }
  return bodyOf(winner, index, options);
}

function isContestedAt(voters: readonly Ballot[], index: number): boolean {
  return contentsOf(voters, index).length + (voters.some(({ blocks }) => blocks[index] == null) ? 1 : 0) > 1;
}

function isRootOfOne(voters: readonly Ballot[], index: number): boolean {
  const named = voters.filter(({ blocks }) => blocks[index]?.receiptsRoot !== undefined);
  return voters.length > 1 && named.length === 1;
}

/** Who shows what at `index`, in their order. Who shows nothing is left out. */
function contentsOf(voters: readonly Ballot[], index: number): readonly (readonly Ballot[])[] {
  const found = new Map<string, Ballot[]>();
  const silent: Ballot[] = [];
  for (const ballot of voters) {
    const block = ballot.blocks[index];
    if (block == null) continue;
    if (block.receiptsRoot === undefined) silent.push(ballot);
    else found.set(contentOf(block), [...(found.get(contentOf(block)) ?? []), ballot]);
  }
  const named = [...found].sort(([, one], [, other]) => other.length - one.length);
  // Who says nothing of the receipts contradicts nobody who does. Where two say otherwise he is with those who are more, and with nobody
  // where they are as many: one that lies is not to be a quorum with him.
  for (const ballot of silent) {
    const own = ballot.blocks[index]!;
    const [most, next] = named.filter(([, [first]]) => restOf(first!.blocks[index]!) === restOf(own));
    if (next !== undefined && next[1].length === most![1].length) continue;
    const key = most?.[0] ?? contentOf(own);
    found.set(key, [...(found.get(key) ?? []), ballot]);
  }
  return [...found.values()].map((by) => voters.filter((ballot) => by.includes(ballot)));
}

// The hash alone would let a node say the right one over a list of transactions of its own, or over a bloom that no log is missing from.
function contentOf(block: Block): string {
  return `${block.receiptsRoot} ${restOf(block)}`;
}

function restOf({ ref, logsBloom, txHashes }: Block): string {
  return `${ref.hash} ${ref.parentHash} ${ref.timestamp} ${logsBloom} ${txHashes.join()}`;
}

function candidateOf(by: readonly Ballot[], index: number): Candidate {
  return { ref: by[0]!.blocks[index]!.ref, endpoints: by.map(({ member }) => member.endpoint) };
}

function namesOf(ballots: readonly Ballot[]): string {
  return ballots.map(({ member }) => member.endpoint.label).join(" and ");
}

// Only the first endpoint asked sends transactions; when it is outvoted, or late, the body comes from a winner, by hash.
async function bodyOf(
  ballots: readonly Ballot[],
  index: number,
  { pool, withTxs }: AgreeOptions,
): Promise<AgreedBlock> {
  const full = ballots.find((ballot) => ballot.withTxs);
  const inTurn = full === undefined ? ballots : [full, ...ballots.filter((ballot) => ballot !== full)];
  const naming = ballots.filter(({ blocks }) => blocks[index]!.receiptsRoot !== undefined);
  const { receiptsRoot } = naming[0]?.blocks[index] ?? {};
  const root = receiptsRoot === undefined ? {} : { receiptsRoot };
  const rootBy = naming.map(({ member }) => member);
  let failure: unknown;
  for (const { member, blocks } of inTurn) {
    const named = blocks[index]!;
    const by = [member, ...inTurn.flatMap((ballot) => (ballot.member === member ? [] : [ballot.member]))];
    try {
      const block = withTxs && named.txs === undefined ? await fetchBody(member, named) : named;
      return { block: { ...block, ...root }, by, rootBy };
    } catch (error) {
      if (!(error instanceof BlockUnknown)) pool.failed(member, error, "body");
      failure = error;
    }
  }
  throw failure;
}

async function fetchBody({ endpoint }: Member, named: Block): Promise<Block> {
  const body = await fetchBlock(endpoint, named.ref.hash, true);
  if (contentOf(body) === contentOf(named)) return body;
  const found = `${body.txHashes.length} that are not those it named`;
  throw new RpcMalformed("eth_getBlockByHash", "transactions", found, "those of the block", endpoint.label);
}

/** No endpoint could be asked for a block. */
export class NobodyAnswers extends Error {
  override readonly name = "NobodyAnswers";
  constructor(number: bigint) {
    super(
      [
        `No endpoint answers for block ${number}.`,
        "- At least one must be reachable and have the block.",
        "- The stream waits and asks again.",
      ].join("\n"),
    );
  }
}
