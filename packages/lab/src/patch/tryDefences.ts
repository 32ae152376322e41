// Which defence contains a plan: each is put in force on a copy, and the plan is played against it, also without the moves that
// then fail. What is left of the gain is measured, not judged.
import type { Evm } from "@testudo/core/model/Evm";
import { describeRule } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { amountsOf, type Holding } from "../capsule/holdings.ts";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm } from "../engine/openEvm.ts";
import { isBroken } from "../raid/isBroken.ts";
import { figureIn, readOfFigure } from "../raid/readFigure.ts";
import type { Figure, Scenario } from "../raid/Scenario.ts";
import { stopCode } from "../raid/stopCode.ts";
import { worthOf } from "../raid/worthOf.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { applyPatch, patchScene } from "./applyPatch.ts";
import { GateRefused } from "./Gate.ts";
import { BenignIdle, NoAttack, NotInCapsule, NoVictim } from "./NotPlayable.ts";
import { implementationOf } from "./ourAccounts.ts";
import type { GuardRulePatch } from "./Patch.ts";
import { placeTransactions, playTransactions } from "./playTransactions.ts";
import { type ProposeOptions, proposePatch } from "./proposePatch.ts";

/** A plan as it is tried against defences. */
export interface DefendedPlan {
  /** With the victim, and transactions each of which fails where one of its moves does. */
  readonly capsule: Capsule;
  /** The same transactions, which go on without a move that fails. */
  readonly bold: readonly CapsuleTransaction[];
  readonly scenario: Pick<Scenario, "assets">;
  readonly accounts: readonly Address[];
  /** What he gains, before what powers cost, in the unit of account, WAD. */
  readonly gainWad: bigint;
  /** What it breaks, where that is its objective. */
  readonly figure?: Figure;
  /** What it calls, in its order. */
  readonly functions: readonly CalledFunction[];
}

export interface CalledFunction {
  readonly contract: string;
  readonly to: Address;
  readonly name: string;
  readonly selector: Hex;
}

/** A defence that was tried and leaves less than there was. */
export interface TriedDefence {
  /** Such as "guard rule NO_SAME_BLOCK perp.deposit", or "pause perp.deposit". */
  readonly name: string;
  /** What the plan still gains, at least nothing, in the unit of account, WAD. */
  readonly gainWad: bigint;
}

const triesOfRules = 32;
const budgetMs = 30_000;

/**
 * Guard rules that stop the plan, and where none leaves nothing of it, pauses of the functions that it calls; in the order of what
 * they take from others. None where the plan does not play by itself. `now`: milliseconds of a clock that only goes forward.
 */
export async function tryDefences(plan: DefendedPlan, now: ProposeOptions["now"]): Promise<readonly TriedDefence[]> {
  const bare = await resultOn(plan, plan.capsule.accounts);
  if (plan.figure === undefined ? 2n * bare.gainWad < plan.gainWad : !bare.breaks) return [];
  const found: TriedDefence[] = [];
  const add = (name: string, { gainWad, breaks }: Result): void => {
    const helps = plan.figure === undefined ? gainWad < bare.gainWad : !breaks;
    if (helps) found.push({ name, gainWad });
  };
  for (const patch of await rulesFor(plan.capsule, now)) add(nameOf(patch, plan), await resultBehind(plan, patch));
  if (found.some(({ gainWad }) => gainWad === 0n)) return found;
  for (const called of pausable(plan)) {
    add(`pause ${called.contract}.${called.name}`, await resultOn(plan, paused(plan.capsule, called)));
    if (found.at(-1)?.gainWad === 0n) break;
  }
  return found;
}

interface Result {
  readonly gainWad: bigint;
  /** Of the figure. */
  readonly breaks: boolean;
}

async function rulesFor(capsule: Capsule, now: ProposeOptions["now"]): Promise<readonly GuardRulePatch[]> {
  try {
    const { proposals } = await proposePatch(capsule, { now, tries: triesOfRules, budgetMs });
    return proposals.flatMap(({ patch }) => (patch.kind === "guardRule" ? patch : []));
  } catch (error) {
    // Some victims take no gate, and some plans none of the victim's money.
    if (
      error instanceof GateRefused ||
      error instanceof NoAttack ||
      error instanceof NoVictim ||
      error instanceof NotInCapsule ||
      error instanceof BenignIdle
    )
      return [];
    throw error;
  }
}

async function resultBehind(plan: DefendedPlan, patch: GuardRulePatch): Promise<Result> {
  const { capsule } = plan;
  const block = firstBlock(capsule);
  const { accounts } = await patchScene(capsule, patch, block, openEvm);
  const apply = async (evm: Evm): Promise<void> =>
    void (await applyPatch(evm, capsule, patch, { block, exempt: capsule.exempt ?? [], evidence: hashOf(patch) }));
  return resultOn(plan, accounts, apply);
}

/** The better for him of both ways to play it. */
async function resultOn(
  plan: DefendedPlan,
  accounts: Capsule["accounts"],
  prepare: (evm: Evm) => Promise<void> = async () => {},
): Promise<Result> {
  const evm = await openEvm(watchState({ ...plan.capsule, accounts }).source, firstBlock(plan.capsule));
  await prepare(evm);
  const mark = evm.snapshot();
  const strict = await play(evm, plan, plan.capsule.transactions ?? []);
  evm.revert(mark);
  const bold = await play(evm, plan, plan.bold);
  const gainWad = [strict.gainWad, bold.gainWad, 0n].reduce((most, each) => (each > most ? each : most));
  return { gainWad, breaks: strict.breaks || bold.breaks };
}

async function play(
  evm: Evm,
  { capsule, scenario, accounts, figure }: DefendedPlan,
  transactions: readonly CapsuleTransaction[],
): Promise<Result> {
  const holdings = scenario.assets.flatMap(({ token }) =>
    accounts.map((holder): Holding => (token === undefined ? { holder } : { holder, token })),
  );
  const worth = async (): Promise<bigint> =>
    worthOf(
      scenario,
      { accounts },
      (await amountsOf(evm, holdings)).map((amount) => amount ?? 0n),
    );
  const had = await worth();
  await playTransactions(evm, capsule, placeTransactions({ ...capsule, transactions }), { plansFor: () => ["much"] });
  return {
    gainWad: (await worth()) - had,
    breaks: figure !== undefined && isBroken(figure, await numberOf(evm, figure)),
  };
}

async function numberOf(evm: Evm, figure: Figure): Promise<bigint> {
  const answer = await evm.read(readOfFigure(figure));
  return figureIn(figure, answer.ok ? answer.value : null);
}

/** The victim's functions first; what moves an asset is not the protocol's to pause, but where it is the victim. */
function pausable({ functions, capsule, scenario }: DefendedPlan): CalledFunction[] {
  const isAsset = (to: Address): boolean => scenario.assets.some(({ token }) => token === to);
  const once = new Map(functions.map((each) => [each.to + each.selector, each]));
  const candidates = [...once.values()].filter(
    ({ to, selector }) => selector.length === 10 && (to === capsule.victim || !isAsset(to)),
  );
  return candidates.toSorted((a, b) => Number(b.to === capsule.victim) - Number(a.to === capsule.victim));
}

function paused({ accounts }: Capsule, { to, selector }: CalledFunction): Map<Address, RecordedAccount> {
  const account = accounts.get(to)!;
  const moved = implementationOf(to);
  return new Map([
    ...accounts,
    [to, { ...account, code: stopCode(selector, moved) }],
    [moved, { balance: 0n, nonce: 1n, code: account.code, storage: new Map() }],
  ]);
}

function nameOf({ rules }: GuardRulePatch, { functions }: DefendedPlan): string {
  const told = rules.map((rule) => {
    const known = functions.find(({ to, selector }) => to === rule.target && selector === rule.selector);
    const text = describeRule(rule);
    return known === undefined ? text : text.replace(rule.selector, `${known.contract}.${known.name}`);
  });
  return `guard rule ${told.join(", ")}`;
}

const firstBlock = (capsule: Capsule) => blockOf(capsule, capsule.transactions![0]!.blockNumber);
