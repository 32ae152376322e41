// Random transactions in one world, on our engine and on the peer. Each sequence starts from the world's state, and what it
// wrote is taken back on both sides.
import type { EngineTransaction } from "../Transaction.ts";
import { compareStates } from "./compareStates.ts";
import type { FuzzCase, FuzzWorld } from "./FuzzWorld.ts";
import { differenceOf } from "./Observed.ts";
import { type OwnSession, openOwnSession } from "./openOwnSession.ts";
import { openPeerSession, type PeerSession } from "./openPeerSession.testkit.ts";
import { createRandom } from "./Random.ts";
import { type GasBounds, randomTransaction } from "./randomTransaction.ts";

/** What two engines did not agree about, with what leads to it. */
export interface Difference {
  readonly what: string;
  /** The last transaction is the one that they differ about. */
  readonly reproducer: FuzzCase;
}

export interface WorldRun {
  readonly transactions: number;
  readonly succeeded: number;
  readonly gas: bigint;
  readonly difference?: Difference;
}

/** A world that is open on both engines. */
export interface Comparison {
  readonly world: FuzzWorld;
  readonly own: OwnSession;
  /** Runs `count` random transactions, in sequences on kept state. Stops at the first difference. */
  run(seed: number, count: number, bounds: GasBounds): Promise<WorldRun>;
}

/** Opens a world on both; `isAsked` as `openOwnSession` says. */
export async function openComparison(world: FuzzWorld, isAsked: boolean): Promise<Comparison> {
  const own = await openOwnSession(world, isAsked);
  const peer = await openPeerSession(world);
  return { world, own, run };

  async function run(seed: number, count: number, bounds: GasBounds): Promise<WorldRun> {
    const random = createRandom(seed);
    const total = { transactions: 0, succeeded: 0, gas: 0n };
    while (total.transactions < count) {
      const length = Math.min(count - total.transactions, 1 + random.below(60));
      const sequence: EngineTransaction[] = [];
      let what: string | undefined;
      while (sequence.length < length && what === undefined) {
        const tx = randomTransaction(random, world, bounds);
        sequence.push(tx);
        const step = await sendBoth(own, peer, tx);
        what = step.what;
        total.gas += step.gas;
        total.succeeded += step.succeeded ? 1 : 0;
      }
      total.transactions += sequence.length;
      what ??= compareStates(own.engine, peer.state(), world.accounts);
      if (what !== undefined) return { ...total, difference: await narrow(world, sequence, what) };
      own.reset();
      await peer.reset();
    }
    return total;
  }
}

async function sendBoth(own: OwnSession, peer: PeerSession, tx: EngineTransaction) {
  const ours = await own.send(tx);
  const theirs = await peer.send(tx);
  const ran = ours.kind === "ran";
  return { what: differenceOf(ours, theirs), gas: ran ? ours.gasUsed : 0n, succeeded: ran && ours.succeeded };
}

/** In what the engines differ about a case, comparing the whole state after each transaction; undefined if in nothing. */
export async function compareCase(
  { fork, block, accounts, transactions }: FuzzCase,
  isAsked = false,
): Promise<string | undefined> {
  const own = await openOwnSession({ fork, block, accounts }, isAsked);
  const peer = await openPeerSession({ fork, block, accounts });
  for (const [i, tx] of transactions.entries()) {
    const { what } = await sendBoth(own, peer, tx);
    const found = what ?? compareStates(own.engine, peer.state(), accounts);
    if (found !== undefined) return `transaction ${i}: ${found}`;
  }
  return undefined;
}

/** The shortest part of the sequence that still shows a difference, with no account that it does without. */
async function narrow(world: FuzzWorld, sequence: readonly EngineTransaction[], what: string): Promise<Difference> {
  const { name, fork, block } = world;
  let found: FuzzCase = { name, fork, block, accounts: world.accounts, transactions: sequence };
  const differs = async (given: FuzzCase): Promise<boolean> =>
    (await compareCase(given).catch(() => undefined)) !== undefined;
  if (!(await differs(found))) return { what: `${what} (only after other sequences)`, reproducer: found };
  for (let i = found.transactions.length - 1; i >= 0; i--) {
    const shorter = { ...found, transactions: found.transactions.filter((_, at) => at !== i) };
    if (await differs(shorter)) found = shorter;
  }
  for (const address of world.accounts.keys()) {
    const accounts = new Map(found.accounts);
    accounts.delete(address);
    if (await differs({ ...found, accounts })) found = { ...found, accounts };
  }
  return { what: (await compareCase(found)) ?? what, reproducer: found };
}
