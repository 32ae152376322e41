// A call tree stands under no hash. But what it says began each transaction, and what it says was logged, the chain says too.
import { groupBy } from "@testudo/core/math/groupBy";
import type { BlockBundle, CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";
import { isFailed, logsOf, walk } from "@testudo/core/model/CallTree";
import type { Hex } from "@testudo/core/model/Hex";
import type { Member } from "./EndpointPool.ts";
import { isBuiltIn } from "./isBuiltIn.ts";
import { isNodeFault } from "./isNodeFault.ts";
import { makeProofBook, type Proving } from "./ProofBook.ts";
import type { Block } from "./parseBlock.ts";
import { PATIENCE_MS, pollInTurn } from "./pollInTurn.ts";
import { type BlockTraces, offersTraces, traceBlocks } from "./traceBlocks.ts";
import type { Hearing } from "./Witnesses.ts";
import { within } from "./within.ts";

/** Holds the call trees of blocks against the rest of them, over one stream. */
export interface TreeProver {
  /** `bundle` of `block` with call trees that fit it, where any node has such. */
  prove(bundle: BlockBundle, block: Block, asked: Asked): Promise<BlockBundle>;
}

/** Who gave a bundle, who vouches for its block, and whether it was to have call trees. */
export interface Asked {
  readonly giver: Member;
  readonly by: readonly Member[];
  readonly isWanted: boolean;
}

// Longer nobody waits for another node's trees.
const mostMs = 4_000;

/** What others have of a block. */
interface Shown {
  readonly fitting: BlockTraces | undefined;
  readonly bare: BlockTraces | undefined;
  /** Whether one of them tells the same trees as were given, which do not fit. */
  readonly isBorneOut: boolean;
}

/** Makes a prover. Of one node alone there is nobody else to ask. */
export function makeTreeProver(proving: Proving & Hearing): TreeProver {
  const { pool, isLive } = proving;
  const book = makeProofBook("call trees", proving);

  // Who did not give trees in time: each block would wait for it. It is asked all the same, one block at a time, until it does.
  const late = new Set<Member>();
  const busy = new Set<Member>();
  const slow = new Set<Member>();

  async function timedTreesOf(member: Member, block: Block): Promise<BlockTraces | undefined> {
    const sinceMs = performance.now();
    busy.add(member);
    try {
      return await treesOf(member, block);
    } finally {
      const ms = performance.now() - sinceMs;
      busy.delete(member);
      if (ms <= mostMs) late.delete(member);
      if (ms <= PATIENCE_MS) slow.delete(member);
      else slow.add(member);
    }
  }

  /**
   * What `others` have of `block`, of which `bundle` was given: each is asked until one has trees that fit, and then whether another
   * tells what was given. `onLate` is told of trees that fit and come when nobody waits for them any more, unless what was given is borne out.
   */
  async function shownBy(
    others: readonly Member[],
    bundle: BlockBundle,
    block: Block,
    onLate: () => void = () => {},
  ): Promise<Shown> {
    const left = others.filter((member) => !late.has(member)).sort((a, b) => Number(slow.has(a)) - Number(slow.has(b)));
    const tardy = others.filter((member) => late.has(member) && !busy.has(member));
    const underWay = new Set<Member>();
    const given = bundle.traces && textOfCalls(bundle.traces);
    let bare: BlockTraces | undefined;
    let isBorneOut = false;
    const pollOf = (members: Member[]) =>
      pollInTurn(
        () => members.shift(),
        async (member) => {
          underWay.add(member);
          const other = await timedTreesOf(member, block).finally(() => underWay.delete(member));
          const misfit = other && misfitOf(bundle, other.traces);
          if (misfit === "bare") bare ??= other;
          else if (misfit !== undefined) isBorneOut ||= textOfCalls(other!.traces) === given;
          return misfit === undefined ? other : undefined;
        },
      );
    const [poll, beside] = [pollOf(left), pollOf(tardy)];
    let [fitting] = (await within(mostMs, poll(1))) ?? [];
    // Trees that do not fit are worth a second more: what was late once may be there by now.
    if (fitting === undefined && given !== undefined) [fitting] = (await within(PATIENCE_MS, beside(1))) ?? [];
    if (fitting !== undefined && given !== undefined && !isBorneOut) await within(PATIENCE_MS, poll(2));
    for (const member of underWay) late.add(member);
    // Whoever makes the others slow is not to have the only word unheard.
    if (fitting === undefined)
      for (const later of [poll(1), beside(1)])
        later.then(([found]) => (found === undefined || isBorneOut ? undefined : onLate())).catch(() => {});
    return { fitting, bare, isBorneOut };
  }

  return {
    async prove(bundle, block, { giver, by, isWanted }) {
      const { number, hash } = block.ref;
      const { txs, logs, traces, traceSource } = bundle;
      if (!isWanted || txs.length === 0 || !isLive(number) || traceSource === "re-execution") return bundle;
      // Trees that fit a block are its own, whoever shows them: who was found out otherwise comes last.
      const among = (members: readonly Member[]) =>
        [...new Set([...by, ...members])]
          .filter((member) => member !== giver && offersTraces(member.endpoint))
          .sort((a, b) => Number(a.hasLied) - Number(b.hasLied));
      if (traces === undefined) {
        const { fitting, bare } = await shownBy(among(pool.candidates(number)), bundle, block);
        const found = fitting ?? bare;
        return found === undefined ? bundle : { ...bundle, ...taken(found), has: [...bundle.has, "T"] };
      }
      // Also who has not told to have come as far: whoever was there first would not be held against anybody.
      const others = among([...pool.candidates(number), ...pool.members]);
      if (others.length === 0 || book.isResting(number)) return bundle;
      const misfit = misfitOf(bundle, traces);
      if (misfit === undefined) {
        // That nothing was logged where nothing should be shows little of what nodes can show.
        if (logs.length > 0) book.proved(number);
        return bundle;
      }
      // Clients exist that leave logs out of all trees, as one of both ways to trees does, and lie about nothing.
      const blame = () => {
        if (misfit !== "bare") book.lied(giver, new TreesUnfit(giver.endpoint.label, hash, misfit));
      };
      const { fitting, isBorneOut } = await shownBy(others, bundle, block, blame);
      // Chains exist that log beside the EVM: whoever makes up trees that fit there is not to have honest nodes blamed.
      if (fitting === undefined || isBorneOut) {
        const who = giver.endpoint.label;
        const word = isBorneOut ? `what ${who} and another tell alike` : `the word of ${who}`;
        const whose = fitting === undefined ? "No node shows" : "Only one node shows";
        book.failed(
          number,
          `${whose} call trees of block ${number} that fit its transactions and logs: what is read of them is ${word}.`,
        );
        return bundle;
      }
      book.proved(number);
      blame();
      return { ...bundle, ...taken(fitting) };
    },
  };
}

function taken({ traces, source }: BlockTraces): Pick<BlockBundle, "traces" | "traceSource"> {
  return { traces, traceSource: source };
}

/** The call trees of `block` at `member`; undefined where it has none, or none now. */
async function treesOf({ endpoint }: Member, block: Block): Promise<BlockTraces | undefined> {
  try {
    return (await traceBlocks(endpoint, [block]))[0];
  } catch (error) {
    if (isNodeFault(error)) return undefined;
    throw error;
  }
}

/** In what trees differ from the block that they are of; "bare" where they hold no log at all; undefined where they fit. */
function misfitOf(
  { txs, logs, has }: Pick<BlockBundle, "txs" | "logs" | "has">,
  traces: readonly CallFrame[],
): string | undefined {
  for (const [i, tx] of txs.entries()) {
    const root = traces[i]!;
    const isSame = root.from === tx.from && root.value === tx.value && root.input === tx.input;
    if (!isSame || (tx.to === null ? !root.type.startsWith("CREATE") : root.to !== tx.to))
      return `the tree of transaction ${tx.hash} begins with another call than it makes`;
  }
  if (!has.includes("L")) return undefined;
  // Chains exist that log beside the EVM, in the name of what is built in: Polygon at 0x1010 with each transaction, zkSync at 0x800a,
  // Arbitrum at 0x64. Nobody's contract comes to such an address.
  const ofContracts = logs.filter(({ address }) => !isBuiltIn(address));
  if (ofContracts.length > 0 && traces.every((root) => !holdsLog(root))) return "bare";
  const own = groupBy(ofContracts, ({ txIndex }) => txIndex);
  for (const [i, { hash }] of txs.entries()) {
    const told = logsOf(traces[i]!).filter(({ address }) => !isBuiltIn(address));
    if (textOf(own.get(i) ?? []) !== textOf(told))
      return `the tree of transaction ${hash} logs something else than it did`;
    // Or calls could be left out whose logs are put where another was called.
    if (!isOwnName(traces[i]!)) return `the tree of transaction ${hash} logs in another's name`;
  }
  return undefined;
}

/** Whether what frames logged, as far as they lasted, is each said by the contract for which they worked. */
function isOwnName(root: CallFrame): boolean {
  return walk(root).every(
    ({ frame, context, reverted }) =>
      reverted || frame.logs.every(({ address }) => address === context || isBuiltIn(address)),
  );
}

/** What calls what with what, in all of `traces`. */
function textOfCalls(traces: readonly CallFrame[]): string {
  const textOf = (frame: CallFrame) =>
    [frame.type, frame.from, frame.to, frame.value, frame.input, frame.calls.length, isFailed(frame)].join();
  return traces
    .map((root) =>
      walk(root)
        .map(({ frame }) => textOf(frame))
        .join(";"),
    )
    .join("\n");
}

function holdsLog(frame: CallFrame): boolean {
  return frame.logs.length > 0 || frame.calls.some(holdsLog);
}

// Not every tracer says where between its calls a frame logged.
function textOf(logs: readonly Pick<FrameLog, "address" | "topics" | "data">[]): string {
  return logs
    .map(({ address, topics, data }) => [address, ...topics, data].join())
    .sort()
    .join(";");
}

/** The call trees are not those of the block's transactions: calls were changed, left out or made up. */
export class TreesUnfit extends Error {
  override readonly name = "TreesUnfit";
  constructor(endpoint: string, blockHash: Hex, what: string) {
    super(
      [
        `Node ${endpoint} sent call trees for block ${blockHash} that are not its own: ${what}.`,
        "- Another node's fit, and were taken in their place.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
