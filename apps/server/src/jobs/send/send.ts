// Sends what guardians agreed to, exactly once. The order is the whole point: lease a nonce and store the signed bytes,
// then broadcast; after a crash or a reorg the same bytes go out again. A second pause cannot come of it, because there
// is one nonce for an action in the council's bitmap, and one nonce here unless that one waits behind a hole.

import { type FoundReceipt, findReceipt } from "@testudo/chain/act/sendAction";
import type { Action } from "@testudo/core/model/Action";
import { type ActionState, isTerminal, type SendWay } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Bids } from "../../preblock/Bids.ts";
import {
  listOpenTransactions,
  listTransactions,
  markTransaction,
  type StoredTransaction,
} from "../../store/leaseNonce.ts";
import { hasLeftAs } from "../../store/noteLeaving.ts";
import { askAll, isNodes } from "../askNodes.ts";
import { type Fits, makeFits } from "./Fits.ts";
import { type Given, type GiveOptions, giveOut, type Halt, haltOf, remind } from "./giveOut.ts";
import {
  holeBelow,
  isOutbid,
  type Leased,
  type LeaseOptions,
  leaseBytes,
  leaveHole,
  leaveUsed,
  raiseFees,
  type SendCommand,
} from "./leaseBytes.ts";
import { type NonceUsed, offer } from "./offer.ts";
import { raiseIdle } from "./raiseIdle.ts";
import { makeStepsTold } from "./StepsTold.ts";
import { makeUsedLooks, type UsedLooks, type UsedSaid } from "./UsedLooks.ts";

/** What sending needs. */
export interface SendOptions extends LeaseOptions, GiveOptions {
  /** Fires when the action is in force or has ended, and when the watch ends. */
  readonly signal: AbortSignal;
  /** What attacks offer that wait in the pool; a pause that is out is raised above it. */
  readonly bids?: Pick<Bids, "highest" | "untilHigher">;
  /** How long to wait between looks, in milliseconds. Default 1 s. */
  readonly lookEveryMs?: number;
}

// A transaction that is not in a block after this long gets a higher fee (RESP-09).
const bumpAfterMs = 12_000;
// Nodes that have just started know of no waiting transaction yet.
const holeLooks = 3;

type Tell = (state: ActionState, note: string, more?: { txHash?: Hex; blockNumber?: bigint; way?: SendWay }) => void;

/**
 * Keeps `command`'s transaction on its way until `signal` fires: a receipt is no end, its block may still be orphaned. Ends
 * by itself where nothing can come of it any more, and says so. Safe to call again; throws what is no node's fault.
 */
export async function sendAction(options: SendOptions, command: SendCommand): Promise<void> {
  const { signal, tell } = options;
  const told = makeStepsTold();
  const say: Tell = (state, note, more = {}) => {
    const step = more.way === undefined ? state : `${state} ${more.way} ${more.txHash}`;
    // What ends it is told in any case.
    const isDue = told.take(step) || isTerminal(state);
    if (isDue && !signal.aborted) tell({ kind: "effect", action: command.action.id, state, note, ...more });
  };
  const fits = makeFits(options, command);
  const course: Course = {
    bumpedAtMs: performance.now(),
    idleDueAtMs: 0,
    used: makeUsedLooks(),
    holes: 0,
    isToldOut: false,
    fits,
  };
  while (!signal.aborted) {
    try {
      if ((await look(options, command, say, course)) === "ended") return;
    } catch (error) {
      const why = whyDropped(error);
      if (why !== undefined) await tellDropped(options, command, say, course, why);
    }
    const { lookEveryMs = 1_000, bids } = options;
    await (bids?.untilHigher(lookEveryMs, signal) ?? pause(lookEveryMs, signal));
  }
}

interface Course {
  bumpedAtMs: number;
  /** When those before it of pauses in force are looked at again. */
  idleDueAtMs: number;
  readonly used: UsedLooks;
  holes: number;
  /** Whether it was told that bytes are out. */
  isToldOut: boolean;
  readonly fits: Fits;
}

// The configuration, the signer or the signatures are wrong, and stay so.
const final = ["NotTheProgram", "SignedBytesError", "SignerTwice"];

/** What people are told where `error` keeps an action from going out; undefined where nodes are away. Throws what is final. */
function whyDropped(error: unknown): string | undefined {
  if (!(error instanceof Error) || final.includes(error.name)) throw error;
  // Bytes that a node refuses have no effect, and what it refuses now (no money for gas, too many questions) it may
  // take later. The deadline is the end.
  const { name, message } = error;
  if (name === "RpcRefused") return `a node refuses it, it is tried on: ${message}`;
  // A store, or a signer, that is away for a moment is no reason to give an action up.
  return isNodes(error) ? undefined : `it is tried on: ${message}`;
}

// What may be out is told so first: else it would be held to be ours still, and ended as if nothing could come of it.
async function tellDropped(
  options: SendOptions,
  { action }: SendCommand,
  say: Tell,
  course: Course,
  why: string,
): Promise<void> {
  if (!course.isToldOut) {
    const isOut = await hasLeft(options, action).catch(() => undefined);
    if (isOut === undefined) return;
    if (isOut) say("broadcast", "a node that gave no answer may have it");
    course.isToldOut = isOut;
  }
  say("dropped", why);
}

async function look(options: SendOptions, command: SendCommand, say: Tell, course: Course): Promise<"open" | "ended"> {
  const { action } = command;
  const { receipt, namedBy } = await receiptOf(options, action);
  const head = options.head();
  if (receipt?.succeeded === true) return "open";
  if (receipt !== undefined) {
    // Anyone may have sent these signatures before us. Whether the pause stands shows once the block is judged.
    if (head === undefined || head.number < receipt.blockNumber) return "open";
    say(
      "failed",
      `the ${action.type === "pause" ? "council" : "breaker"} refused it; see the transaction's revert reason`,
      { txHash: receipt.hash },
    );
    return "ended";
  }
  if (head !== undefined && head.timestamp > action.deadline) return endLate(options, action, say);
  const halt = await haltOf(options);
  if (halt !== undefined) return stop(options, command, say, course, halt);
  const leased = await leaseBytes(options, command);
  const hole = await holeToLeaveFor(options, leased, course);
  if (hole !== undefined) {
    await leaveHole(options, command, leased, hole);
    return "open";
  }
  // A rule has nobody that would refuse it twice: with a nonce that something is below it is given out only where nodes differ over that.
  const isSure = leased.leastNonce === leased.chainNonce && leased.tx.state === "stored";
  if (action.type === "guardRule" && course.holes > 0 && isSure) return "open";
  await fillHole(options, leased);
  const { given, hash, used } = await offer(options, leased, course.fits);
  // Leasing and giving out ask nodes, which may take its time; the switch counts as it stands at the end.
  if (given.kind === "held" || given.kind === "unread") return stop(options, command, say, course, given);
  if (given.kind === "refused") {
    await tellDropped(options, command, say, course, `the private relay has it not, it is tried on: ${given.why}`);
    return "open";
  }
  if (given.kind === "nonce-too-low")
    return lookOnUsed(options, command, say, course, { leased, namedBy, used: given });
  // What is out behind a hole may be for ever; of a rule it may take effect beside another.
  if (used !== undefined && action.type === "pause")
    return lookOnUsed(options, command, say, course, { leased, namedBy, used });
  course.used.clear();
  tellGiven(say, action, hash, given);
  course.isToldOut = true;
  if (given.refusedBy !== undefined) await course.fits.toOthers(leased, given.refusedBy);
  await raise(options, command, leased, course);
  await makeWay(options, command, leased, course);
  return "open";
}

interface Used {
  readonly leased: Leased;
  readonly namedBy: UsedSaid["namedBy"];
  readonly used: NonceUsed;
}

async function lookOnUsed(
  options: SendOptions,
  command: SendCommand,
  say: Tell,
  course: Course,
  { leased, namedBy, used }: Used,
): Promise<"open" | "ended"> {
  const verdict = course.used.note({ isByMost: used.isByMost, namedBy });
  if (verdict === undefined) return "open";
  const what = `its nonce was used by a transaction that is not ours${verdict === "sure" ? "" : ", by the word of some nodes"}`;
  // The council takes one of two, however long the other waits. A rule has nobody that would refuse the second.
  if (command.action.type === "pause") {
    await leaveUsed(options, command, leased);
    // Not before: what keeps them from being stored, as nodes that tell no price, is to have nobody wait twice as long.
    course.used.renew();
    await tellDropped(options, command, say, course, `${what}: it is signed anew`);
    return "open";
  }
  if (verdict === "doubtful") {
    await tellDropped(options, command, say, course, `${what}: it waits for that of most`);
    return "open";
  }
  say("failed", what);
  return "ended";
}

// Nodes are not asked at each look, nor are bytes stored at each where one names another price each time.
async function makeWay(options: SendOptions, command: SendCommand, leased: Leased, course: Course): Promise<void> {
  if (performance.now() < course.idleDueAtMs) return;
  course.idleDueAtMs = performance.now() + bumpAfterMs;
  const raised = await raiseIdle(options, command, leased);
  for (const tx of raised) await giveOrRefuse(options, tx);
}

async function raise(options: SendOptions, command: SendCommand, leased: Leased, course: Course): Promise<void> {
  const bid = options.bids?.highest();
  if (performance.now() - course.bumpedAtMs <= bumpAfterMs && (bid === undefined || !isOutbid(leased, bid))) return;
  // Also where nobody takes them: those before them are out, and more is offered no sooner.
  course.bumpedAtMs = performance.now();
  const raised = await raiseFees(options, command, leased, bid);
  if (raised === undefined) return;
  await giveOrRefuse(options, raised);
}

// What nodes refuse is looked at again.
async function giveOrRefuse(options: SendOptions, tx: StoredTransaction): Promise<void> {
  await giveOut(options, tx).catch((error: unknown) => {
    if (!isNodes(error) || error.name !== "RpcRefused") throw error;
  });
}

function tellGiven(say: Tell, action: Action, txHash: Hex, given: Extract<Given, { kind: "out" }>): void {
  const what = action.type === "pause" ? "pause" : "rule";
  const onItsWay = `the ${what} is on its way`;
  if (given.private === undefined) say("broadcast", given.isKnown ? "the node has it already" : onItsWay, { txHash });
  else {
    const { way, block, note } = given.private;
    say("broadcast", `${onItsWay}: ${note}`, { txHash, way, blockNumber: block });
  }
}

async function holeToLeaveFor(options: SendOptions, leased: Leased, course: Course): Promise<number | undefined> {
  const hole = await holeBelow(options, leased);
  course.holes = hole === undefined ? 0 : course.holes + 1;
  if (course.holes < holeLooks) return undefined;
  course.holes = 0;
  return hole;
}

async function stop(
  options: SendOptions,
  command: SendCommand,
  say: Tell,
  course: Course,
  halt: Halt,
): Promise<"open" | "ended"> {
  if (halt.kind === "held") return stopSending(options, command.action, say);
  // Nothing leaves, and nothing ends: a node may be away for a moment.
  const why = `the switch on the chain cannot be read and counts as pressed: ${halt.why}`;
  await tellDropped(options, command, say, course, why);
  return "open";
}

// What no node has seen ends here. What is out may take effect whatever we do: then we only look on.
async function stopSending(options: SendOptions, action: Action, say: Tell): Promise<"open" | "ended"> {
  if (await hasLeft(options, action)) return "open";
  say("killed", "the switch is not on armed; nothing was sent");
  return "ended";
}

// What nobody took can be proposed again at once.
async function endLate(options: SendOptions, action: Action, say: Tell): Promise<"ended"> {
  if (await hasLeft(options, action)) say("failed", "its deadline passed before a block took it");
  else say("stale", "its deadline passed before anybody took it");
  return "ended";
}

async function hasLeft({ store }: SendOptions, { id }: Action): Promise<boolean> {
  return (await listTransactions(store, id)).some(({ state }) => hasLeftAs(state));
}

// A transaction waits for those of its sender before it. Nodes forget what waits, in a reorg too; then we remind them. What has not
// left is its own action's to give: that may have ended meanwhile.
async function fillHole(options: SendOptions, { tx, chainNonce }: Leased): Promise<void> {
  if (chainNonce >= tx.nonce) return;
  const open = await listOpenTransactions(options.store, options.chainId);
  const before = open.filter(({ sender, nonce }) => sender === tx.sender && nonce >= chainNonce && nonce < tx.nonce);
  // All at a time: a node that hangs takes its time of each.
  await Promise.all(
    before.map((tx) =>
      remind(options, tx).catch((error: unknown) => {
        if (!isNodes(error)) throw error;
      }),
    ),
  );
}

/** The receipt that most of the nodes name for one of the action's bytes, and which of those that answer name any. */
async function receiptOf(
  options: SendOptions,
  action: Action,
): Promise<{ readonly receipt?: FoundReceipt; readonly namedBy: UsedSaid["namedBy"] }> {
  const stored = await listTransactions(options.store, action.id);
  if (stored.length === 0) return { namedBy: "none" };
  const hashes = stored.map((tx) => tx.hash);
  const answers = await askAll(options.endpoints, (endpoint) => findReceipt(endpoint, hashes));
  const found = answers.flatMap((answer) => answer ?? []);
  // Of all nodes, also where some are away: nothing follows what one that is left says alone.
  const most = options.endpoints.length;
  const receipt = found.find((one) => found.filter((other) => isSame(one, other)).length * 2 > most);
  const namedBy = found.length === 0 ? "none" : found.length < answers.length ? "some" : "all";
  if (receipt === undefined) return { namedBy };
  const state = receipt.succeeded ? "included" : "failed";
  if (stored.find((tx) => tx.hash === receipt.hash)?.state !== state)
    await markTransaction(options.store, receipt.hash, state);
  return { receipt, namedBy };
}

function isSame(a: FoundReceipt, b: FoundReceipt): boolean {
  return a.hash === b.hash && a.blockHash === b.blockHash && a.succeeded === b.succeeded;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
