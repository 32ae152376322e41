import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import { type Address, addressOfWord, type Hex } from "../model/Hex.ts";
import { selectorOf } from "../model/KnownSignature.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import { functionSelector } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";
import { amountOf, holdingRead } from "../signs/Holding.ts";
import { type Proposal, type ProposedCall, proposalsIn } from "../signs/Proposal.ts";
import { type Effects, effectsOf, intentsOf, type Outgoing } from "./badProposal/effectsOf.ts";

/** A governor or timelock whose proposals are tried. */
export interface TriedGovernor {
  readonly governor: string;
  readonly subject: string;
  /** Who makes the calls. Left out: the governor's timelock where it has one, else itself. */
  readonly executor?: string | undefined;
}

export interface BadProposalParams {
  readonly governors: readonly TriedGovernor[];
  /** Whose assets count, besides the protected addresses, the executor and the governor. */
  readonly treasuries: readonly string[];
  /** Share of what a treasury holds of an asset that may go out. */
  readonly maxOutShare: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");

/**
 * Bad proposal: what a proposal would do is found out when it is made, not when it is executed.
 *
 *   its calls run in the executor's name on a fork of the block in which it was made; then
 *   out: sent to others, or approved for them, more than y of what a treasury holds of an asset      high
 *   control: a role, owner, module or guard, a delay or quorum that falls, a slot of EIP-1967      high; an upgrade alone medium
 *   both, or more than half of an asset: critical
 *   a call that fails there, and a proposal that could not be tried: told as low; by its calldata alone at most medium
 *
 * Source: OpenZeppelin Governor and TimelockController, Compound Bravo; Build Finance and Beanstalk 2022, Tornado Cash 2023-05.
 * Default: y 5 %. Calibration: none. Degraded without a fork: the functions that the calldata names.
 * Evasion: code that behaves otherwise at a later block, or for whoever is not a fork; a treasury that nobody named; calls
 * behind a proposal that is malformed for us and not for its governor, which is told as untried.
 */
export const detectBadProposal: Detector<BadProposalParams> = {
  meta: {
    id: "bad-proposal",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["S"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#bad-proposal",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      governors: z
        .array(z.object({ governor: address, subject: address, executor: address.optional() }).strict())
        .max(64),
      treasuries: z.array(address).max(64),
      maxOutShare: z.number().positive().max(1),
    })
    .strict(),
  defaults: { governors: [], treasuries: [], maxOutShare: 0.05 },
  detect(context) {
    const governors = new Set(context.params.governors.map((g) => g.governor)) as ReadonlySet<Address>;
    const made = context.txs.flatMap((view) => proposalsIn(view, governors).map((proposal) => ({ view, proposal })));
    if (made.length === 0) return;
    const executors = executorsOf(context, made);
    const trials = made.map(({ view, proposal }, i): Trial => {
      const one = context.params.governors.find((g) => g.governor === proposal.governor)!;
      return { view, proposal, one, executor: executors[i]!, isTried: i < maxTrials };
    });
    const tried = tryProposals(context, trials);
    const held = readHeld(context, tried);
    for (const one of tried) tell(context, one, held);
  },
};

type Context = DetectContext<BadProposalParams>;

// Each takes a fork some tenths of a second, and the block waits for them. Who may propose is bounded by the governor.
const maxTrials = 4;
const maxSlots = 32;

interface Trial {
  readonly view: TxView;
  readonly proposal: Proposal;
  readonly one: TriedGovernor;
  readonly executor: Address;
  readonly isTried: boolean;
}

interface Tried extends Trial {
  readonly calls: readonly ProposedCall[];
  /** Undefined where there was no fork, or the proposal could not be read. */
  readonly effects: Effects | undefined;
  readonly why: string;
  readonly failed: number;
  readonly moved: readonly { readonly address: Address; readonly slot: string; readonly after: Hex }[];
}

function executorsOf(
  context: Context,
  made: readonly { readonly view: TxView; readonly proposal: Proposal }[],
): Address[] {
  const named = made.map(({ proposal }) => {
    const { executor } = context.params.governors.find((g) => g.governor === proposal.governor)!;
    return (executor ?? (proposal.by === "timelock" ? proposal.governor : undefined)) as Address | undefined;
  });
  if (!context.block.has.includes("S")) return named.map((e, i) => e ?? made[i]!.proposal.governor);
  const data = functionSelector("timelock()");
  const answers = context.readAll(
    made.map(({ proposal }) => ({ kind: "call", at: "block", to: proposal.governor, data })),
  );
  return named.map((e, i) => e ?? timelockOf(answers[i]!) ?? made[i]!.proposal.governor);
}

function timelockOf(answer: StateAnswer): Address | undefined {
  return answer.ok && answer.value.length === 66 && BigInt(answer.value) > 0n ? addressOfWord(answer.value) : undefined;
}

const controlSlots: readonly (readonly [name: string, slot: Hex])[] = [
  ["implementation", "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"],
  ["admin", "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"],
  ["beacon", "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"],
];

/** The slots whose change would tell: of protected addresses and of what is called. */
function slotsOf({ watched }: Context, calls: readonly ProposedCall[]) {
  const addresses = [...new Set([...watched, ...calls.map(({ to }) => to)])];
  return addresses
    .flatMap((of) => controlSlots.map(([name, slot]) => ({ name, address: of, slot })))
    .slice(0, maxSlots * controlSlots.length);
}

function tryProposals(context: Context, trials: readonly Trial[]): Tried[] {
  const hasState = context.block.has.includes("S");
  const plans = trials.map((trial) => {
    const calls = trial.proposal.calls ?? [];
    const isRun = hasState && trial.isTried && calls.length > 0;
    return { trial, calls, isRun, slots: isRun ? slotsOf(context, calls) : [] };
  });
  const reads = plans.flatMap(({ trial, calls, isRun, slots }): StateRead[] =>
    isRun
      ? [
          { kind: "simulate", at: "block", calls: calls.map((c) => ({ ...c, from: trial.executor })), slots },
          ...slots.map((s): StateRead => ({ kind: "slot", at: "block", address: s.address, slot: s.slot })),
        ]
      : [],
  );
  const answers = reads.length === 0 ? [] : context.readAll(reads);
  let at = 0;
  return plans.map(({ trial, calls, isRun, slots }) => {
    const own = isRun ? answers.slice(at, at + 1 + slots.length) : [];
    at += own.length;
    return triedOf(context, trial, calls, slots, own);
  });
}

function triedOf(
  { watched, params }: Context,
  trial: Trial,
  calls: readonly ProposedCall[],
  slots: ReturnType<typeof slotsOf>,
  [simulated, ...before]: readonly StateAnswer[],
): Tried {
  const base = { ...trial, calls, failed: 0, moved: [] };
  if (trial.proposal.calls === undefined) return { ...base, effects: undefined, why: "its calls cannot be read" };
  if (simulated?.ok !== true || simulated.runs === undefined) {
    const why = simulated?.ok === false ? "it could not be run on a fork" : "it was not tried on a fork";
    return { ...base, effects: undefined, why };
  }
  const { runs, value } = simulated;
  const governed = new Set([...watched, ...governedBy(trial), ...calls.map(({ to }) => to)]);
  const treasuries = new Set([...watched, ...governedBy(trial), ...(params.treasuries as Address[])]);
  const moved = slots.flatMap(({ name, address: of, slot: _ }, i) => {
    const after: Hex = `0x${value.slice(2 + i * 64, 66 + i * 64)}`;
    const was = before[i];
    return was?.ok === true && after.length === 66 && was.value !== after ? [{ address: of, slot: name, after }] : [];
  });
  const failed = runs.filter(({ succeeded }) => !succeeded).length;
  return { ...base, effects: effectsOf(runs, governed, treasuries), why: "", failed, moved };
}

function governedBy({ executor, proposal }: Trial): Address[] {
  return [executor, proposal.governor];
}

/** What the treasuries hold of what would go out. */
function readHeld(context: Context, tried: readonly Tried[]): ReadonlyMap<string, bigint> {
  const outgoing = tried.flatMap(({ effects }) => effects?.outgoing ?? []);
  if (outgoing.length === 0) return new Map();
  const answers = context.readAll(outgoing.map(({ holder, asset }) => holdingRead(asset, holder, "block")));
  return new Map(outgoing.map(({ holder, asset }, i) => [`${holder}${asset}`, amountOf(answers[i]) ?? 0n]));
}

// What changes code alone is the daily bread of governance; what changes who decides is not.
const isUpgrade = (signature: string) => signature.startsWith("Upgraded") || signature.startsWith("DiamondCut");

function shareOf({ holder, asset, amount }: Outgoing, held: ReadonlyMap<string, bigint>): number {
  return Math.min(1, ratioOf(amount, held.get(`${holder}${asset}`) ?? 0n));
}

function tell(context: Context, tried: Tried, held: ReadonlyMap<string, bigint>): void {
  const { effects, failed } = tried;
  if (effects === undefined) {
    tellUntried(context, tried);
    return;
  }
  const { maxOutShare } = context.params;
  const outs = effects.outgoing.map((out) => ({ ...out, share: shareOf(out, held) }));
  const large = outs.filter(({ share }) => share > maxOutShare);
  const isControl =
    effects.changes.some(({ signature }) => !isUpgrade(signature)) ||
    tried.moved.some(({ slot }) => slot !== "implementation");
  const isCode = effects.changes.length > 0 || tried.moved.length > 0;
  const most = Math.max(0, ...large.map(({ share }) => share));
  const severity = severityOf(most, isControl, isCode);
  if (severity === undefined && failed === 0) return;
  const what = [
    ...(large.length > 0 ? [`${(most * 100).toFixed(1)} % of an asset of a treasury goes out`] : []),
    ...(isControl ? ["control changes hands"] : isCode ? ["code changes"] : []),
    ...(failed > 0 ? [`${failed} of its ${tried.calls.length} calls fail on the state of now`] : []),
  ];
  raise(context, tried, severity ?? "low", what.join(", "), severity === undefined ? 0.1 : Math.max(most, 0.5), {
    simulated: true,
    failed,
    outgoing: outs.slice(0, 32).map((out) => ({ ...out, share: toPlainNumber(out.share), held: heldOf(out, held) })),
    changes: effects.changes
      .slice(0, 32)
      .map(({ address: of, signature, topics, data }) => ({ address: of, signature, topics, data })),
    moved: tried.moved,
    maxOutShare,
  });
}

function heldOf({ holder, asset }: Outgoing, held: ReadonlyMap<string, bigint>): bigint {
  return held.get(`${holder}${asset}`) ?? 0n;
}

function severityOf(out: number, isControl: boolean, isCode: boolean): Severity | undefined {
  if (out > 0.5 || (out > 0 && (isControl || isCode))) return "critical";
  if (out > 0 || isControl) return "high";
  return isCode ? "medium" : undefined;
}

/** Never "clean": what was not tried is said, with what the calldata alone shows. */
function tellUntried(context: Context, tried: Tried): void {
  const intents = intentsOf(tried.calls);
  const names = intents.length === 0 ? "" : `, and names ${intents.join(", ")}`;
  raise(context, tried, intents.length === 0 ? "low" : "medium", `${tried.why}${names}`, 0.25, {
    simulated: false,
    why: tried.why,
    intents,
  });
}

function raise(
  context: Context,
  { view, proposal, one, executor, calls }: Tried,
  severity: Severity,
  what: string,
  score: number,
  figures: Parameters<Context["finding"]>[0]["evidence"],
): void {
  context.finding({
    severity,
    subject: one.subject as Address,
    reason: `Proposal ${proposal.id} of ${proposal.governor}: ${what}.`,
    txHash: view.tx.hash,
    logIndex: proposal.logIndex,
    addresses: [proposal.governor, proposal.proposer, executor, ...calls.map(({ to }) => to)].slice(0, 16),
    key: [proposal.governor, proposal.id],
    score,
    evidence: {
      governor: proposal.governor,
      proposal: proposal.id,
      by: proposal.by,
      executor,
      calls: calls.slice(0, 32).map(({ to, value, data }) => ({ to, value, selector: selectorOf(data) })),
      ...figures,
    },
  });
}
