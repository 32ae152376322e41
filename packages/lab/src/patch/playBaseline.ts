import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { findReentries, walk } from "@testudo/core/model/CallTree";
import type { Evm, EvmMark, EvmOutcome, OpenEvm } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import type { CompiledContract } from "../adversary/deployTarget.ts";
import { amountsOf, changeOf, type Holding, type Loss, lossesOf, offsetOf } from "../capsule/holdings.ts";
import { assertReplayable } from "../capsule/replayCapsule.ts";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import { noteAsked } from "./askedState.ts";
import { type AttackRecord, listenToAttack } from "./attackCalls.ts";
import { holdingsTouched } from "./holdingsTouched.ts";
import { BenignIdle, NoAttack, NotInCapsule, NoVictim, toldOf } from "./NotPlayable.ts";
import type { Invariant } from "./Patch.ts";
import { type PropertyBook, propertiesOf } from "./Property.ts";
import { type PlayOptions, placeTransactions, playTransactions } from "./playTransactions.ts";
import { type InvariantResult, readInvariants } from "./readInvariants.ts";
import { type PropertyAnswer, readProperties } from "./readProperties.ts";
import { readState, type StateReading } from "./readState.ts";
import type { PlacedTx, TxRun } from "./TxRun.ts";
import { type Consulted, callsInto, callsTried, type VictimCall } from "./victimCalls.ts";

export type Amounts = readonly (bigint | null)[];

/** What happens where nothing is patched. A patch is compared with it. */
export interface Baseline {
  readonly capsule: Capsule;
  readonly victims: readonly Address[];
  readonly placed: readonly PlacedTx[];
  readonly benign: readonly PlacedTx[];
  /** All transactions in their order: the attack as it was. */
  readonly attacked: readonly TxRun[];
  readonly holders: readonly Address[];
  readonly holdings: readonly Holding[];
  readonly losses: readonly Loss[];
  readonly unread: readonly Holding[];
  /** What the holders have of `holdings` at the end, of the attack as it was and where nobody attacks; null where it cannot be read. */
  readonly atEnd: Amounts;
  readonly atPeace: Amounts;
  readonly invariants: readonly Invariant[];
  /** What they are after the attack as it was: one that holds there says nothing about it. */
  readonly invariantsBefore: readonly InvariantResult[];
  readonly properties: PropertyBook | undefined;
  /** What they are where nothing has run, and after the attack as it was. */
  readonly propertiesBefore: {
    readonly atBegin: readonly PropertyAnswer[];
    readonly attacked: readonly PropertyAnswer[];
  };
  /** The benign transactions, in a world where nobody attacks, and the state that they leave. */
  readonly peaceful: readonly TxRun[];
  readonly state: StateReading;
  /** Calls into the victims that lasted: the attack's from the first run, the benign ones from the second. */
  readonly calls: readonly VictimCall[];
  /** The attack's own calls, into whatever is not its own. */
  readonly attack: AttackRecord;
  /** Views that were asked in the middle of the attack's calls into a victim, each once: prices and parameters are among them. */
  readonly consulted: readonly Consulted[];
  /** Whether the attack came back into a victim while a call of its was open there. */
  readonly reenters: boolean;
}

export interface BaselineOptions {
  /** Default: the capsule's own. */
  readonly victims?: readonly Address[];
  /** Whose holdings the attack takes; default: the victims'. */
  readonly holders?: readonly Address[];
  /** Asked in the last transaction's block, after all has run. */
  readonly invariants?: readonly Invariant[];
  /** A contract whose functions tell properties. */
  readonly properties?: CompiledContract;
  readonly openEvm?: OpenEvm;
}

/** Plays `capsule` as it is, with its attack and without. Throws `NoAttack`, `NoVictim`, `NotInCapsule`, `NotProperties`, or what a replay throws. */
export async function playBaseline(capsule: Capsule, options: BaselineOptions = {}): Promise<Baseline> {
  const placed = placeTransactions(capsule);
  const victims = options.victims ?? (capsule.victim === undefined ? [] : [capsule.victim]);
  if (victims.length === 0) throw new NoVictim(capsule.name);
  if (!placed.some(({ role }) => role === "attack")) throw new NoAttack(capsule.name, "none of them is marked so");
  assertReplayable(
    capsule,
    placed.map(({ tx }) => tx),
  );
  const openEvm = options.openEvm ?? openOurs;
  const { invariants = [], holders = victims } = options;
  const properties = options.properties === undefined ? undefined : propertiesOf(options.properties, victims);
  const benign = placed.filter(({ role }) => role === "benign");
  const peace = await playPeaceful(capsule, benign, openEvm, victims);
  assertVictims(capsule, victims, peace.created);
  const others = new Set([...victims, ...peace.called]);
  const attack = await playAttacked(capsule, placed, { openEvm, holders, victims, invariants, others }, properties);
  const standing = holders.filter((holder) => !peace.created.has(holder));
  assertHolders(capsule, standing, attack.holdings);
  const accused = attack.runs.filter(({ role }) => role === "attack");
  if (!accused.some(({ status }) => status === "succeeded"))
    throw new NoAttack(capsule.name, `none of those that are marked so succeeds (${accused.map(toldOf).join(", ")})`);
  const idle = peace.runs.filter(({ status }) => status === "refused");
  if (idle.length > 0) throw new BenignIdle(capsule.name, idle);
  return {
    capsule,
    victims,
    placed,
    benign,
    attacked: attack.runs,
    holders,
    holdings: attack.holdings,
    losses: attack.losses,
    unread: attack.unread,
    atEnd: attack.atEnd,
    atPeace: await amountsOf(peace.evm, attack.holdings),
    invariants,
    invariantsBefore: attack.broken,
    properties,
    propertiesBefore: attack.told,
    peaceful: peace.runs,
    state: peace.state,
    calls: [...attack.calls, ...peace.calls],
    attack: attack.record,
    consulted: attack.consulted,
    reenters: attack.reenters,
  };
}

/** A victim may be one that somebody honest makes on the way. */
function assertVictims({ accounts, name }: Capsule, victims: readonly Address[], created: ReadonlySet<Address>): void {
  const bare = victims.find((victim) => (accounts.get(victim)?.code ?? "0x") === "0x" && !created.has(victim));
  if (bare !== undefined) throw new NotInCapsule(name, `no code of the victim ${bare}`);
}

/** Whoever holds tokens alone may have no account of his own in the capsule; but then the attack has moved some. */
function assertHolders({ accounts, name }: Capsule, holders: readonly Address[], holdings: readonly Holding[]): void {
  const known = new Set(holdings.flatMap(({ holder, token }) => (token === undefined ? [] : [holder])));
  const unknown = holders.find((holder) => !accounts.has(holder) && !known.has(holder));
  if (unknown !== undefined)
    throw new NotInCapsule(name, `no account of the holder ${unknown}, and the attack moves no token of his`);
}

interface PlayedBy extends Required<Omit<BaselineOptions, "properties">> {
  /** Who is not the attacker's. */
  readonly others: ReadonlySet<Address>;
}

async function playAttacked(
  capsule: Capsule,
  placed: readonly PlacedTx[],
  { openEvm, holders, victims, invariants, others }: PlayedBy,
  properties: PropertyBook | undefined,
) {
  const evm = await openEvm(watchState(capsule).source, blockOf(capsule, placed[0]!.tx.blockNumber));
  const mark = evm.snapshot();
  const tell = async (number: bigint | undefined) =>
    properties === undefined ? [] : readProperties(evm, properties, blockOf(capsule, number));
  const atBegin = await tell(placed[0]!.tx.blockNumber);
  const traces: CallFrame[] = [];
  const calls: VictimCall[] = [];
  const consulted = new Map<string, Consulted>();
  const listener = listenToAttack(capsule, others);
  let reenters = false;
  const look = (outcome: EvmOutcome, one: PlacedTx): void => {
    if (one.role === "benign" || outcome.kind !== "ran") return;
    traces.push(outcome.trace);
    listener.take(outcome.trace, one);
    reenters ||= findReentries(outcome.trace, new Set(victims)).length > 0;
    const found = callsInto(capsule, victims, one, outcome.trace);
    // Not as arguments: a hostile trace has more calls than a stack has room for.
    for (const call of found.calls) calls.push(call);
    for (const view of found.consulted) consulted.set(view.to + view.input, view);
  };
  await playTransactions(evm, capsule, placed, { onOutcome: look });
  // What is held can be read only where it is known what is: so the same once more.
  const record = listener.record();
  const holdings = await holdingsOf(evm, mark, holders, traces);
  evm.revert(mark);
  const { runs, losses, unread, atEnd } = await playMeasured(evm, capsule, placed, holdings);
  const broken = await readInvariants(evm, invariants, blockOf(capsule, placed.at(-1)!.tx.blockNumber));
  const told = { atBegin, attacked: await tell(placed.at(-1)!.tx.blockNumber) };
  return {
    runs,
    losses,
    unread,
    atEnd,
    holdings,
    calls,
    broken,
    told,
    reenters,
    consulted: [...consulted.values()],
    record,
  };
}

/** The holdings that `traces` may have changed. What did not answer at `mark` is none, unless a transfer names it. */
async function holdingsOf(
  evm: Evm,
  mark: EvmMark,
  holders: readonly Address[],
  traces: readonly CallFrame[],
): Promise<readonly Holding[]> {
  const { named, maybe } = holdingsTouched(holders, traces);
  const amounts = await amountsOf(evm, maybe, mark);
  return [...named, ...maybe.filter((_, i) => amounts[i] !== null)];
}

/** What came of transactions, and what the attack's took. */
export interface Measured {
  readonly runs: readonly TxRun[];
  readonly losses: readonly Loss[];
  /** Holdings that did not answer before or after one of them: of these no loss is known. */
  readonly unread: readonly Holding[];
  /** Of each holding, after all has run. */
  readonly atEnd: Amounts;
  /** What they took of holdings that in all lost nothing. */
  readonly offset: readonly Loss[];
}

/** Plays `placed` and tells what the attack's transactions took out of `holdings`. */
export async function playMeasured(
  evm: Evm,
  capsule: Capsule,
  placed: readonly PlacedTx[],
  holdings: readonly Holding[],
  { onOutcome, before, ...options }: PlayOptions = {},
): Promise<Measured> {
  const changes: (readonly bigint[])[] = [];
  const unread = new Set<Holding>();
  const look = async () => {
    const amounts = await amountsOf(evm, holdings);
    for (const [i, amount] of amounts.entries()) if (amount === null) unread.add(holdings[i]!);
    return amounts;
  };
  let had: readonly (bigint | null)[] = [];
  const runs = await playTransactions(evm, capsule, placed, {
    ...options,
    before: async (one) => {
      await before?.(one);
      if (one.role === "attack") had = await look();
    },
    onOutcome: async (outcome, one) => {
      await onOutcome?.(outcome, one);
      if (one.role === "attack") changes.push(changeOf(had, await look()));
    },
  });
  const atEnd = await amountsOf(evm, holdings);
  return { runs, losses: lossesOf(holdings, changes), offset: offsetOf(holdings, changes), unread: [...unread], atEnd };
}

async function playPeaceful(
  capsule: Capsule,
  benign: readonly PlacedTx[],
  openEvm: OpenEvm,
  victims: readonly Address[],
) {
  const [called, created] = [new Set<Address>(), new Set<Address>()];
  const { source, asked } = noteAsked(watchState(capsule).source);
  const evm = await openEvm(source, blockOf(capsule, benign[0]?.tx.blockNumber));
  const calls: VictimCall[] = [];
  const runs = await playTransactions(evm, capsule, benign, {
    onOutcome: (outcome, one) => {
      if (outcome.kind !== "ran") return;
      for (const { frame, context, reverted } of walk(outcome.trace)) {
        called.add(context);
        if (!reverted && (frame.type === "CREATE" || frame.type === "CREATE2")) created.add(context);
      }
      // It worked on the chain, so that somebody honest needs what it asked for.
      const isLost = !outcome.succeeded && one.tx.expected?.succeeded === true;
      const made = (isLost ? callsTried : callsInto)(capsule, victims, one, outcome.trace).calls;
      for (const call of made) calls.push(call);
    },
  });
  return { runs, state: await readState(evm, asked), calls, called, created, evm };
}
