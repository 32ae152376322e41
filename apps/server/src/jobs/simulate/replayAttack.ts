// Whether a pause would have stopped the attack: its transactions are played on the state they met, once as they were and
// once after the pause. On a later state they may fail for reasons of their own, the money being gone.
import { type Fork, type ForkCall, ForkMoved, type ForkResult } from "@testudo/chain/fork/forkAt";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Action } from "@testudo/core/model/Action";
import type { BlockRef, CallFrame, Transaction } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { SimulatedCall } from "@testudo/core/model/Simulation";
import { attackCallName } from "../../operator/attackCallName.ts";
import { type AttackBlock, findAround, findNamed, type Wanted } from "./findAttack.ts";
import { lossOf } from "./lossOf.ts";

/** What is replayed, and against which pause. */
export interface AttackRequest {
  readonly endpoints: readonly Endpoint[];
  readonly fork: Fork;
  readonly actions: readonly Action[];
  /** Whose loss counts where an attack goes on without its paused calls. */
  readonly guarded: readonly Address[];
  /** The calls that set the pause on the state after `ref`. */
  readonly pausesAt: (ref: BlockRef) => readonly ForkCall[];
  /** What still waits for its block, as if the head's successor held it. */
  readonly pending?: readonly AttackBlock[];
  /** Transactions that findings name, and blocks in which findings were made that name none. */
  readonly triggers: readonly Hex[];
  readonly blocks: readonly Hex[];
  /** Whether a block that cannot be replayed is told of and passed over. Otherwise its error is thrown. */
  readonly isTolerant: boolean;
}

/** What came of it. `unchanged`: what was replayed goes through no paused function. `none`: nothing was replayed. */
export interface AttackReplay {
  readonly outcome: "judged" | "unchanged" | "none";
  readonly calls: readonly SimulatedCall[];
  /** Whether some of what was replayed is stopped, or goes on without something that it took. */
  readonly isOfUse: boolean;
  /** For a person, where nothing was judged. */
  readonly note: string;
}

/**
 * Replays the named transactions; where none of them goes through a paused function, those of the findings' blocks that do.
 * One that does is stopped when it reverts after the pause, or when no call into a paused function succeeds any more and
 * what the guarded accounts lose by it falls by 90 % (RESP-03), of each token; of some it is so in part. Not replayed are set-code authorizations of type 4.
 */
export async function replayAttack(request: AttackRequest): Promise<AttackReplay> {
  const { endpoints, triggers, blocks, actions, pending = [] } = request;
  const named = await playAll(request, [...pending, ...(await findNamed(endpoints, triggers, touching(actions)))]);
  const around =
    named.hits.length > 0 ? nothing : await playAll(request, await findTouching(endpoints, blocks, actions));
  const hits = [...named.hits, ...around.hits];
  if (hits.length > 0) {
    const ends = hits.map((hit) => endOf(hit, request));
    return { outcome: "judged", calls: ends.map(toCall), isOfUse: ends.some(({ end }) => end !== "goes-on"), note: "" };
  }
  if (named.played.length > 0) {
    const [first] = named.played;
    const more = named.played.length > 1 ? ` and ${named.played.length - 1} more` : "";
    const note = `the attack goes on in spite of it: ${first!.hash}${more} calls no paused function`;
    return { outcome: "unchanged", calls: [], isOfUse: false, note };
  }
  const failures = [...named.failures, ...around.failures];
  const note =
    failures[0] ??
    (triggers.length > 0
      ? "what the findings name could not be played again on the state it met"
      : "the findings name no transaction, and none of their block calls a paused function");
  return { outcome: "none", calls: [], isOfUse: false, note };
}

interface Hit {
  readonly before: ForkResult;
  readonly after: ForkResult;
}

interface Plays {
  /** What ran as it did in its block. */
  readonly played: readonly Transaction[];
  /** What of it goes through a paused function. */
  readonly hits: readonly Hit[];
  readonly failures: readonly string[];
}

const nothing: Plays = { played: [], hits: [], failures: [] };

function findTouching(endpoints: readonly Endpoint[], blocks: readonly Hex[], actions: readonly Action[]) {
  const { isHit, isHitOnTop } = touching(actions);
  return findAround(endpoints, blocks, isHit, isHitOnTop);
}

function touching(actions: readonly Action[]): Wanted {
  return {
    isHit: (frame) => callsPaused(frame, actions),
    isHitOnTop: ({ to, input }) => to !== null && isPaused(to, input, actions),
  };
}

async function playAll(request: AttackRequest, blocks: readonly AttackBlock[]): Promise<Plays> {
  let plays = nothing;
  for (const block of blocks)
    try {
      const { played, hits } = await play(request, block);
      plays = { ...plays, played: [...plays.played, ...played], hits: [...plays.hits, ...hits] };
    } catch (error) {
      if (!request.isTolerant || error instanceof ForkMoved || !(error instanceof Error)) throw error;
      const why = `block ${block.ref.number} could not be played again: ${error.message.split("\n")[0]}`;
      plays = { ...plays, failures: [...plays.failures, why] };
    }
  return plays;
}

async function play(
  { fork, actions, guarded, pausesAt }: AttackRequest,
  block: AttackBlock,
): Promise<Omit<Plays, "failures">> {
  let played: readonly Transaction[] = [];
  for (const txs of sequencesOf(block)) {
    const calls = txs.map((tx) => toForkCall(tx, block.ref.timestamp));
    const before = await fork.replay(block.parent, calls);
    const well = [...txs.keys()].filter((i) => before[i]!.succeeded && block.txs.includes(txs[i]!));
    // A contract that was made and took nothing is no attack by itself: what it is made for is still to come.
    const isMaking = (i: number) => txs[i]!.to === null && lossOf(before[i]!.trace, guarded).size === 0;
    played = well.filter((i) => !isMaking(i)).map((i) => txs[i]!);
    const hits = well.filter((i) => callsPaused(before[i]!.trace, actions));
    if (hits.length === 0) continue;
    const pauses = pausesAt(block.parent);
    const results = await fork.replay(block.parent, [...pauses, ...calls]);
    if (results.slice(0, pauses.length).some(({ succeeded }) => !succeeded))
      throw new Error("the pause cannot be set on the state that the attack met");
    const after = results.slice(pauses.length);
    return { played, hits: hits.map((i) => ({ before: before[i]!, after: after[i]! })) };
  }
  return { played, hits: [] };
}

// Each transaction that is played first reads its state from a node; more than this takes longer than a pause may wait.
const earlierMax = 30;

// By themselves first, which is quick. What they need may have been made before them in the same block.
function sequencesOf({ txs, earlier }: AttackBlock): readonly (readonly Transaction[])[] {
  if (earlier.length === 0) return [txs];
  const parties = new Set(txs.flatMap(({ from, to }) => [from, ...(to === null ? [] : [to])]));
  const isNear = ({ from, to }: Transaction) => parties.has(from) || (to !== null && parties.has(to));
  const before = earlier.length <= earlierMax ? earlier : earlier.filter(isNear).slice(-earlierMax);
  return [txs, [...before, ...txs].sort((a, b) => a.index - b.index)];
}

function toForkCall({ from, to, input, value }: Transaction, timestamp: bigint): ForkCall {
  return { from, to, data: input, value, timestamp };
}

function isPaused(to: Address, input: Hex, actions: readonly Action[]): boolean {
  return actions.some(({ target, selectors }) => target === to && selectors.includes(input.slice(0, 10) as Hex));
}

/** Whether a call into a paused function is in the tree and did not fail, nor any call around it. */
function callsPaused(frame: CallFrame, actions: readonly Action[]): boolean {
  if (frame.error !== undefined) return false;
  // Who runs the target's code on books of his own has not called it.
  const isOwn = frame.type === "DELEGATECALL" && frame.from === frame.to;
  const isCall = frame.type === "CALL" || frame.type === "STATICCALL" || isOwn;
  if (isCall && isPaused(frame.to, frame.input, actions)) return true;
  return frame.calls.some((call) => callsPaused(call, actions));
}

/** What becomes of a transaction after the pause: it goes on without some of what it took, say. */
interface HitEnd {
  readonly end: "stopped" | "partly" | "goes-on";
  readonly detail: string;
}

function endOf({ before, after }: Hit, { actions, guarded }: AttackRequest): HitEnd {
  if (!after.succeeded) return { end: "stopped", detail: after.detail };
  // A rule lets calls of its function through that keep it: there only what is taken counts.
  const pauses = actions.filter(({ type }) => type === "pause");
  if (callsPaused(after.trace, pauses))
    return { end: "goes-on", detail: "a call into a paused function still succeeds" };
  const [lost, losesStill] = [before, after].map(({ trace }) => lossOf(trace, guarded)) as [Loss, Loss];
  const isLess = (asset: string) => (losesStill.get(asset) ?? 0n) * 10n <= (lost.get(asset) ?? 0n);
  const taken = [...losesStill.keys()].filter((asset) => !isLess(asset));
  if (taken.length === 0) return { end: "stopped", detail: "it goes on, without its gain" };
  // Whoever attacks can have a token of his own say that it leaves, and that it does so all the same.
  if (![...lost.keys()].some(isLess)) return { end: "goes-on", detail: "it takes the money all the same" };
  const more = taken.length > 1 ? ` and ${taken.length - 1} more` : "";
  return { end: "partly", detail: `it goes on, and takes ${taken[0]}${more} all the same` };
}

function toCall({ end, detail }: HitEnd): SimulatedCall {
  return { name: attackCallName, expect: "reverts", succeeded: end !== "stopped", detail };
}

type Loss = ReadonlyMap<string, bigint>;
