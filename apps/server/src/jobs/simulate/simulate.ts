// Tries proposed actions on a fork of the head before anyone is asked to sign (RESP-03). Actions that one decision led to
// are tried together: each alone may leave the attack another way out. The attack itself is replayed on the state it met.
import { type Fork, openFork, type SimulationStep } from "@testudo/chain/fork/forkAt";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker } from "@testudo/contracts";
import type { Action, PauseAction } from "@testudo/core/model/Action";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { Policy } from "@testudo/core/model/Policy";
import type { SimulatedCall } from "@testudo/core/model/Simulation";
import { encodeSetRule } from "@testudo/lab/patch/encodeRule";
import { encodeFunctionData } from "viem/utils";
import type { AttackBlock } from "./findAttack.ts";
import { type PauseEnd, readReach } from "./readReach.ts";
import { type AttackReplay, replayAttack } from "./replayAttack.ts";

type SimulateCommand = Extract<Command, { kind: "simulate" }>;

/** What trials need. */
export interface SimulatorOptions {
  /** Nodes to fork from; the next one is taken where one is away or cannot give the state. */
  readonly endpoints: readonly Endpoint[];
  readonly policy: Policy | null;
  /** The last stored block. */
  readonly head: () => BlockRef | undefined;
  readonly tell: (input: Input) => void;
  /** A transaction that still waits for its block, with its sender's before it: it is played on the head. */
  readonly pendingOf?: (hash: Hex) => { readonly tx: PendingTx; readonly before: readonly PendingTx[] } | undefined;
}

/** Takes simulate commands and tells their results. */
export interface Simulator {
  add(command: SimulateCommand): void;
  /** Starts the fork beforehand, so that the first trial does not wait for it. */
  warm(ref: BlockRef): void;
  close(): Promise<void>;
}

const attempts = 5;

export function openSimulator(options: SimulatorOptions): Simulator {
  const fork = openFork(options.endpoints);
  const waiting = new Map<string, SimulateCommand[]>();
  const flush = () => {
    for (const commands of waiting.values()) void tryTogether(options, fork, commands);
    waiting.clear();
  };
  return {
    add(command) {
      if (waiting.size === 0) setImmediate(flush);
      // A rule goes out before people have signed: it has to stop the attack without their pause.
      const key = command.action.type + command.action.evidence;
      waiting.set(key, [...(waiting.get(key) ?? []), command]);
    },
    warm: (ref) => void fork.replay(ref, []).catch(() => undefined),
    close: () => fork.stop(),
  };
}

async function tryTogether(options: SimulatorOptions, fork: Fork, commands: readonly SimulateCommand[]): Promise<void> {
  const { tell, policy } = options;
  const actions = commands.map((command) => command.action);
  let failure = "there is no block to fork";
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const ref = options.head();
    if (ref === undefined || policy === null) break;
    try {
      // A node may be back at the next attempt. What fails again, for want of an archive say, holds no pause back.
      const asked = { commands, policy, ref, isTolerant: attempt > 0 };
      const first = await tryOn(options, fork, asked);
      const result = first.passed ? first : await tryElsewhere(options, fork.origin(), asked, first);
      for (const action of actions) tell({ kind: "simulation", action: action.id, ref, ...result });
      return;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    }
  }
  const ref = options.head();
  if (ref === undefined) return;
  for (const action of actions)
    tell({ kind: "simulation", action: action.id, ref, calls: [], passed: false, note: failure });
}

interface Trial {
  readonly commands: readonly SimulateCommand[];
  readonly policy: Policy;
  readonly ref: BlockRef;
  readonly isTolerant: boolean;
}

interface TrialResult {
  readonly calls: readonly SimulatedCall[];
  readonly passed: boolean;
  readonly note: string;
}

async function tryOn(options: SimulatorOptions, fork: Fork, trial: Trial): Promise<TrialResult> {
  const { commands, policy, ref } = trial;
  const actions = commands.map((command) => command.action);
  const ends = await readReach(options.endpoints, ref, actions.filter(isPause), policy.breaker);
  const pauses = [...stepsOfPauses(ends, policy, 0n), ...stepsOfRules(actions, 0n)];
  const onHead = await fork.simulate(ref, [...pauses, ...stepsOfCanaries(policy)]);
  const attack = await tryAttack(options, fork, trial, ends);
  const calls = [...onHead.slice(0, pauses.length), ...attack.calls, ...onHead.slice(pauses.length)];
  return { calls, ...verdictOf(actions, calls, attack) };
}

/**
 * What `failed`, on the state that `origin` gives, once more on that of others: one node's word holds no pause back. Most of
 * three decide. Of two that differ people hear before they sign a pause; a rule nobody signs.
 */
async function tryElsewhere(
  options: SimulatorOptions,
  origin: Endpoint,
  trial: Trial,
  failed: TrialResult,
): Promise<TrialResult> {
  const passed: TrialResult[] = [];
  for (const endpoint of options.endpoints.filter((other) => other !== origin).slice(0, 2)) {
    const alone = { ...options, endpoints: [endpoint] };
    // As where nobody lies: what it cannot replay at the second attempt either holds no pause back.
    const other = (await tryAlone(alone, trial)) ?? (await tryAlone(alone, { ...trial, isTolerant: true }));
    if (other?.passed === false) return failed;
    if (other !== undefined) passed.push(other);
  }
  const [first, second] = passed;
  const isEnough = second !== undefined || trial.commands.every(({ action }) => isPause(action));
  if (first === undefined || !isEnough) return failed;
  return { ...first, note: `${first.note}; on the state that ${origin.label} gives it failed: ${failed.note}` };
}

async function tryAlone(options: SimulatorOptions, trial: Trial): Promise<TrialResult | undefined> {
  const fork = openFork(options.endpoints);
  try {
    return await tryOn(options, fork, trial);
  } catch {
    // It is away, or has not come as far: it says nothing.
    return undefined;
  } finally {
    await fork.stop();
  }
}

function tryAttack(
  { endpoints, pendingOf = () => undefined }: SimulatorOptions,
  fork: Fork,
  { commands, policy, ref, isTolerant }: Trial,
  ends: readonly PauseEnd[],
): Promise<AttackReplay> {
  const actions = commands.map((command) => command.action);
  const triggers = [...new Set(commands.flatMap((command) => command.triggers))];
  return replayAttack({
    endpoints,
    pending: triggers.flatMap((hash) => toPendingBlock(pendingOf(hash), ref) ?? []),
    fork,
    actions,
    guarded: policy.permissions.map(({ target }) => target),
    // As long as the real one: the breaker refuses an end that is too far from its block.
    pausesAt: ({ timestamp }) => [
      ...stepsOfPauses(ends, policy, ref.timestamp - timestamp),
      ...stepsOfRules(actions, ref.timestamp - timestamp),
    ],
    triggers: triggers.filter((hash) => pendingOf(hash) === undefined),
    blocks: [...new Set(commands.flatMap((command) => command.blocks))],
    isTolerant,
  });
}

/** The block after the head that would hold `waiting`. */
function toPendingBlock(
  waiting: { readonly tx: PendingTx; readonly before: readonly PendingTx[] } | undefined,
  head: BlockRef,
): AttackBlock | undefined {
  if (waiting === undefined) return undefined;
  const [tx, ...before] = [waiting.tx, ...waiting.before].map(({ hash, from, to, value, input, nonce }) => ({
    ...{ hash, from, to, value, input, nonce },
    index: nonce,
  }));
  const ref = { ...head, number: head.number + 1n, timestamp: head.timestamp + 1n };
  return { ref, parent: head, txs: [tx!], earlier: before };
}

function stepsOfPauses(ends: readonly PauseEnd[], policy: Policy, earlierSeconds: bigint): SimulationStep[] {
  return ends.map(({ action: { target, reason, evidence }, selector, until }) => ({
    name: `pausing ${selector}`,
    from: policy.council,
    to: policy.breaker,
    data: encodeFunctionData({
      abi: circuitBreaker.abi,
      functionName: "trip",
      args: [target, selector, Number(until - earlierSeconds), { reason, evidence }],
    }),
    expect: "succeeds",
  }));
}

function stepsOfRules(actions: readonly Action[], earlierSeconds: bigint): SimulationStep[] {
  return actions.flatMap((action) => {
    if (action.type !== "guardRule") return [];
    const { rule, program, breaker, until, evidence, reason } = action;
    const data = encodeSetRule(rule, until - earlierSeconds, evidence, reason);
    return [{ name: `ruling ${rule.selector}`, from: program, to: breaker, data, expect: "succeeds" as const }];
  });
}

function isPause(action: Action): action is PauseAction {
  return action.type === "pause";
}

function stepsOfCanaries(policy: Policy): SimulationStep[] {
  return policy.canaries.map(({ name, from, to, data, expect }) => ({ name, from, to, data, expect }));
}

function verdictOf(
  actions: readonly Action[],
  calls: readonly SimulatedCall[],
  attack: AttackReplay,
): { passed: boolean; note: string } {
  const wrong = calls.filter((call) => call.succeeded !== (call.expect === "succeeds"));
  const told = wrong.map((call) => `${call.name}: ${call.expect} was expected, ${call.detail}`).join("; ");
  // Whoever attacks can make more of what goes on all the same: people read of it before they sign. Nobody signs a rule.
  const isForPeople = attack.isOfUse && actions.every(isPause) && wrong.every((call) => attack.calls.includes(call));
  if (wrong.length > 0 && isForPeople) return { passed: true, note: `it does not stop all of it: ${told}` };
  if (wrong.length > 0) return { passed: false, note: told };
  if (attack.outcome === "unchanged") return { passed: false, note: attack.note };
  // People are warned of it before they sign; nobody signs a rule.
  if (attack.outcome === "none" && !actions.every(isPause))
    return { passed: false, note: `nothing shows that the rule stops anything: ${attack.note}` };
  const note = `${calls.length} calls did as expected, ${attack.calls.length} of the attack's own among them`;
  return { passed: true, note: attack.outcome === "none" ? `${note}: ${attack.note}` : note };
}
