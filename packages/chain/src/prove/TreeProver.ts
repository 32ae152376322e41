// A call tree stands under no hash. But what it says began each transaction, and what it says was logged, the chain says too.
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type BlockTraces, offersTraces, traceBlocks } from "../block/traceBlocks.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import { PATIENCE_MS, pollInTurn } from "../rpc/pollInTurn.ts";
import { within } from "../rpc/within.ts";
import type { Block } from "../wire/parseBlock.ts";
import { toBytes } from "../wire/parseField.ts";
import { mayLog } from "./mayLog.ts";
import { makeProofBook, type Proving } from "./ProofBook.ts";
import { lackingIn, misfitOf, textOfCalls } from "./treeMisfit.ts";
import type { Hearing } from "./Witnesses.ts";

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

// How long two that differ, and whom nothing decides between, are not asked what code stands where: it takes time each time.
const openBlocks = 64n;
// More nobody is asked for: what it takes is a stranger's to say.
const mostCodes = 256;

/** Trees that fit a block, and who has them. */
interface Fitting extends BlockTraces {
  readonly by: Member;
}

/** What others have of a block. */
interface Shown {
  readonly fitting: Fitting | undefined;
  readonly bare: BlockTraces | undefined;
  /** Whether one of them tells the same trees as were given, which do not fit. */
  readonly isBorneOut: boolean;
}

/** Makes a prover. Of one node alone there is nobody else to ask. */
export function makeTreeProver(proving: Proving & Hearing): TreeProver {
  const { pool, troubles, isLive } = proving;
  const part = "call trees";
  const book = makeProofBook(part, proving);
  let openUntil = 0n;

  /**
   * Whether `giver` lied, whose trees in `bundle` do not fit as those of another do; "open" where nothing shows which of the two has its
   * trees made up, "none" where nothing is hidden.
   */
  async function verdictOn(
    bundle: BlockBundle,
    block: Block,
    misfit: string,
    giver: Member,
    fitting: Fitting,
  ): Promise<"lied" | "open" | "none"> {
    // Clients exist that leave logs out of all trees, as one of both ways to trees does, and lie about nothing.
    if (misfit === "bare") return "none";
    const traces = bundle.traces!;
    const lacking = lackingIn(bundle, traces);
    if (lacking === undefined || misfitOf(bundle, traces, new Set(lacking)) !== undefined) return "lied";
    if (textOfCalls(traces) === textOfCalls(fitting.traces)) return "none";
    // Chains exist that log beside the EVM elsewhere than at the usual addresses: then who makes up a call that logs has trees that fit.
    if (block.ref.number < openUntil || lacking.length > mostCodes) return "open";
    const codes = await Promise.all([giver, fitting.by].map((member) => codesOf(member, lacking, block)));
    const unsure = lacking.filter((_, i) => codes[0]?.[i] !== codes[1]?.[i] || !mayLog(codes[0]?.[i] ?? "0x"));
    return misfitOf(bundle, traces, new Set(unsure)) === undefined ? "open" : "lied";
  }

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
    onLate: (fitting: Fitting) => unknown = () => {},
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
          return misfit === undefined && other !== undefined ? { ...other, by: member } : undefined;
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
        later.then(([found]) => (found === undefined || isBorneOut ? undefined : onLate(found))).catch(() => {});
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
        if (logs.length === 0) return bundle;
        book.proved(number);
        if (number >= openUntil)
          troubles.clear("endpoint-disagrees", `The call trees of block ${number} fit as they are given.`, part);
        return bundle;
      }
      const blame = async (fitting: Fitting) => {
        const verdict = await verdictOn(bundle, block, misfit, giver, fitting);
        if (verdict === "lied") book.lied(giver, new TreesUnfit(giver.endpoint.label, hash, misfit));
        if (verdict !== "open") return;
        openUntil = number + openBlocks;
        const names = `${giver.endpoint.label} and ${fitting.by.endpoint.label}`;
        const word = `Nodes ${names} tell different call trees of block ${number}, and no code that both know to log decides between them: what is read is the word of ${fitting.by.endpoint.label}.`;
        troubles.raise("endpoint-disagrees", word, false, part);
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
      await blame(fitting);
      return { ...bundle, ...taken(fitting) };
    },
  };
}

function taken({ traces, source }: BlockTraces): Pick<BlockBundle, "traces" | "traceSource"> {
  return { traces, traceSource: source };
}

/** What stands at `addresses` after `block`, by the word of `member`; nothing where it has none in time. */
async function codesOf({ endpoint }: Member, addresses: readonly Address[], { ref }: Block): Promise<readonly Hex[]> {
  const method = "eth_getCode";
  const at = { blockHash: ref.hash, requireCanonical: true };
  try {
    const asked = endpoint.batch(addresses.map((address) => ({ method, params: [address, at] })));
    const answers = (await within(PATIENCE_MS, asked)) ?? [];
    const source = { method, endpoint: endpoint.label };
    return answers.map((answer) => (answer.ok ? toBytes(source, "result", answer.result) : "0x"));
  } catch (error) {
    if (isNodeFault(error)) return [];
    throw error;
  }
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
