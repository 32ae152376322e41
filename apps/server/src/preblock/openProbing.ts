// Probes of new contracts, one after the other. What a harmful call is stays in this process's memory: records hold its
// hash, and the call itself for the guardians only, where it can be sealed for them (PRE-06).

import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { hashOf } from "@testudo/core/model/Record";
import type { FundingRules } from "@testudo/core/signs/Funding";
import type { ProbeCall } from "@testudo/lab/probe/probeContract";
import { openFundingBook } from "./FundingBook.ts";
import type { PreblockThread } from "./PreblockThread.ts";
import { type Creation, creationsNear, type Probed, type ProbedCall } from "./probeCreations.ts";
import type { ExploitCall, PlainCall } from "./sealCall.ts";
import { openTokenBook } from "./TokenBook.ts";
import { tellTried } from "./tellTried.ts";

export interface ProbingOptions {
  readonly chainId: number;
  readonly watched: readonly Address[];
  /** Whose money counts as coming from nowhere. */
  readonly funding: FundingRules;
  /** How long the probe of one contract may take, in milliseconds. Default: as long as a block, and at most 2 s (PRE-05). */
  readonly probeMs?: number;
  readonly thread: Pick<PreblockThread, "probe">;
  /** Told why a contract is not probed that should be. */
  readonly onNotProbed: (creation: Creation, why: string) => void;
  /** Encrypts a call for the guardians; undefined: nobody is named for whom it could be. */
  readonly seal?: (call: ExploitCall) => Promise<string>;
  readonly deliver: (input: Input) => Promise<boolean>;
  readonly onProbed?: (probed: Probed) => void;
  readonly signal: AbortSignal;
}

export interface Probing {
  /** Sees a block of the stream before it is judged. */
  observe(bundle: BlockBundle, isLive: boolean): void;
  /** The blocks seen so far are judged; true where something in them is to be probed. */
  release(): boolean;
  /** Probes what was released, each on the head at that time. */
  work(head: () => BlockRef): Promise<void>;
  /** The call that makes a created contract do harm, as if it waited in the pool, with those before it; by the creation's transaction. */
  callOf(creation: Hex): HarmfulTx | undefined;
}

interface HarmfulTx {
  readonly tx: PendingTx;
  readonly before: readonly PendingTx[];
}

interface Waiting extends Creation {
  readonly since: number;
}

// As many wait at most as fit into two blocks of mainnet at two seconds each.
const creationsMax = 12;
// Kept for the trials of pauses. One that is older than so many others has been decided about long ago.
const callsMax = 64;

export function openProbing(options: ProbingOptions): Probing {
  const tokens = openTokenBook(options.watched);
  const funding = openFundingBook(options.funding);
  const seen: Creation[] = [];
  const released: Waiting[] = [];
  const calls = new Map<Hex, HarmfulTx>();

  async function probe({ since, ...creation }: Waiting, onBlock: BlockRef): Promise<void> {
    const tell = (outcome: Probed["outcome"], count: number, detail = "") => {
      const ms = Math.round(performance.now() - since);
      options.onProbed?.({ ...creation, onBlock, outcome, calls: count, ms, detail });
    };
    try {
      const given = await options.thread.probe(onBlock, creation, tokens.seen(), options.probeMs);
      if (given.kind === "no-state") {
        const why = "no node has the head";
        options.onNotProbed(creation, why);
        throw new Error(why);
      }
      if (given.kind === "not-done") {
        if (given.cause !== "closed") options.onNotProbed(creation, given.why);
        throw new Error(`not probed: ${given.why}`);
      }
      const { result, harm } = given.probed;
      const count = result.calls + (result.guided?.calls ?? 0);
      if (harm !== undefined) await report(creation, onBlock, harm, { count, gas: given.gas });
      tell(result.outcome, count, tellTried(result));
    } catch (error) {
      tell("unavailable", 0, error instanceof Error ? error.message : String(error));
    }
  }

  async function report(
    { contract, deployer, tx }: Creation,
    onBlock: BlockRef,
    harm: NonNullable<ProbedCall["harm"]>,
    { count, gas }: { readonly count: number; readonly gas: bigint },
  ): Promise<void> {
    const { subject, reason } = harm;
    const before = harm.before.map(plain);
    const call = { ...plain(harm), ...(before.length === 0 ? {} : { before }) };
    calls.set(tx, {
      tx: pending(harm, tx, before.length, gas),
      before: harm.before.map((one, i) => pending(one, hashOf(plain(one)), i, gas)),
    });
    if (calls.size > callsMax) calls.delete(calls.keys().next().value!);
    const sealed = await options.seal?.({ ...call, chainId: options.chainId, onBlock });
    await options.deliver({
      kind: "probe",
      contract,
      deployer,
      creation: tx,
      subject,
      reason,
      callHash: hashOf(call),
      calls: count,
      ...(sealed === undefined ? {} : { sealed }),
    });
  }

  return {
    observe(bundle, isLive) {
      tokens.observe(bundle);
      funding.observe(bundle);
      // Only what is new to a chain that is followed live: the past has been harmed already, or not.
      if (isLive) seen.push(...creationsNear(bundle, options.watched, funding.isFunded));
    },
    release() {
      const since = performance.now();
      released.push(...seen.splice(0).map((creation) => ({ ...creation, since })));
      for (const creation of released.splice(0, released.length - creationsMax))
        options.onNotProbed(
          creation,
          `more than ${creationsMax} contracts wait to be probed, and it is among the oldest.`,
        );
      return released.length > 0;
    },
    async work(head) {
      for (let next = released.shift(); next !== undefined && !options.signal.aborted; next = released.shift())
        await probe(next, head());
    },
    callOf: (creation) => calls.get(creation),
  };
}

function plain({ from, to, input, value, seconds }: ProbeCall): PlainCall {
  return { from, to, input, value, ...(seconds === 0 ? {} : { seconds }) };
}

/** A call as if it waited in the pool, in this place among its sender's. */
function pending({ from, to, input, value }: ProbeCall, hash: Hex, nonce: number, gas: bigint): PendingTx {
  return { from, to, input, value, hash, nonce, gas, source: "probe" };
}
