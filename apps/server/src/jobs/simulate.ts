// Tries proposed actions on a fork of the head before anyone is asked to sign (RESP-03). Actions that one decision led to
// are tried together: each alone may leave the attack another way out.
import { type Fork, openFork, type SimulationStep } from "@testudo/chain/forkAt";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { circuitBreaker } from "@testudo/contracts";
import type { Action } from "@testudo/core/model/Action";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { Policy } from "@testudo/core/model/Policy";
import type { SimulatedCall } from "@testudo/core/model/Simulation";
import { encodeFunctionData } from "viem";
import { z } from "zod";

type SimulateCommand = Extract<Command, { kind: "simulate" }>;

/** What trials need. */
export interface SimulatorOptions {
  readonly endpoint: Endpoint;
  readonly policy: Policy | null;
  /** The last stored block. */
  readonly head: () => BlockRef | undefined;
  readonly tell: (input: Input) => void;
}

/** Takes simulate commands and tells their results. */
export interface Simulator {
  add(command: SimulateCommand): void;
  /** Starts the fork beforehand, so that the first trial does not wait for it. */
  warm(ref: BlockRef): void;
  close(): Promise<void>;
}

const attempts = 5;
// A pause that would end sooner may be over in the block that holds it.
const leastPauseSeconds = 60n;

export function openSimulator(options: SimulatorOptions): Simulator {
  const fork = openFork(options.endpoint);
  const waiting = new Map<Hex, SimulateCommand[]>();
  const flush = () => {
    for (const commands of waiting.values()) void tryTogether(options, fork, commands);
    waiting.clear();
  };
  return {
    add(command) {
      if (waiting.size === 0) setImmediate(flush);
      const group = waiting.get(command.action.evidence) ?? [];
      waiting.set(command.action.evidence, [...group, command]);
    },
    warm: (ref) => void fork.replay(ref, []).catch(() => undefined),
    close: () => fork.stop(),
  };
}

async function tryTogether(options: SimulatorOptions, fork: Fork, commands: readonly SimulateCommand[]): Promise<void> {
  const { tell, policy, endpoint } = options;
  const actions = commands.map((command) => command.action);
  const triggers = [...new Set(commands.flatMap((command) => command.triggers))];
  const blocks = [...new Set(commands.flatMap((command) => command.blocks))];
  let failure = "there is no block to fork";
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const ref = options.head();
    if (ref === undefined || policy === null) break;
    try {
      const replayed = await stepsOfTriggers(endpoint, triggers, blocks, actions);
      const pauses = await Promise.all(actions.map((action) => stepsOfAction(endpoint, ref, action, policy)));
      const steps = [...pauses.flat(), ...replayed, ...stepsOfCanaries(policy)];
      const calls = await fork.simulate(ref, steps);
      for (const action of actions)
        tell({ kind: "simulation", action: action.id, ref, calls, ...verdictOf(calls, replayed.length) });
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

// The council pauses each selector as far as its own bounds reach, and refuses only when none is paused then: so does
// the trial. What the breaker does not know, or cannot pause at all, is tried as it stands and fails in its words.
async function stepsOfAction(
  endpoint: Endpoint,
  ref: BlockRef,
  { target, selectors, until, reason, evidence }: Action,
  { breaker, council }: Policy,
): Promise<SimulationStep[]> {
  const { abi } = circuitBreaker;
  const answers = await endpoint.batch(
    selectors.map((selector) => {
      const data = encodeFunctionData({ abi, functionName: "reach", args: [target, selector] });
      return { method: "eth_call", params: [{ to: breaker, data }, { blockHash: ref.hash }] };
    }),
  );
  const ends = answers.map((answer) => (answer.ok ? BigInt((answer.result as string).slice(0, 66)) : until));
  const least = ref.timestamp + leastPauseSeconds;
  const pausable = ends.some((end) => end > least);
  return selectors.flatMap((selector, i) => {
    if (pausable && ends[i]! <= least) return [];
    const end = pausable && ends[i]! < until ? ends[i]! : until;
    const args = [target, selector, Number(end), { reason, evidence }] as const;
    const data = encodeFunctionData({ abi, functionName: "trip", args });
    return [{ name: `pausing ${selector}`, from: council, to: breaker, data, expect: "succeeds" }];
  });
}

const transactionSchema = z.object({
  from: z.string(),
  to: z.string().nullable(),
  input: z.string(),
  value: z.string(),
});

type SeenTransaction = z.output<typeof transactionSchema>;
const blockSchema = z.object({ transactions: z.array(transactionSchema) });

// Only what goes through a paused function can be stopped by the pause; the rest of an attack is not ours to stop. A
// finding about state names no transaction: then it is what went through those functions in the finding's own block.
async function stepsOfTriggers(
  endpoint: Endpoint,
  hashes: readonly Hex[],
  blocks: readonly Hex[],
  actions: readonly Action[],
): Promise<SimulationStep[]> {
  const named = await endpoint.batch(hashes.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })));
  const around = await endpoint.batch(blocks.map((hash) => ({ method: "eth_getBlockByHash", params: [hash, true] })));
  const own = named.flatMap((answer) =>
    answer.ok && answer.result !== null ? [transactionSchema.parse(answer.result)] : [],
  );
  const stopped = own.filter((tx) => isPaused(tx, actions));
  if (stopped.length > 0) return stopped.map(toStep);
  const others = around.flatMap((answer) =>
    answer.ok && answer.result !== null ? blockSchema.parse(answer.result).transactions : [],
  );
  return others.filter((tx) => isPaused(tx, actions)).map(toStep);
}

function isPaused({ to, input }: SeenTransaction, actions: readonly Action[]): boolean {
  if (to === null) return false;
  return actions.some(
    ({ target, selectors }) =>
      target === toLower(to) && selectors.some((selector) => toLower(input).startsWith(selector)),
  );
}

function toStep({ from, to, input, value }: SeenTransaction): SimulationStep {
  return {
    name: "the attack's own call",
    from: toLower(from),
    to: toLower(to!),
    data: toLower(input),
    value: BigInt(value),
    expect: "reverts",
  };
}

function stepsOfCanaries(policy: Policy): SimulationStep[] {
  return policy.canaries.map(({ name, from, to, data, expect }) => ({ name, from, to, data, expect }));
}

function verdictOf(calls: readonly SimulatedCall[], replayed: number): { passed: boolean; note: string } {
  const wrong = calls.filter((call) => call.succeeded !== (call.expect === "succeeds"));
  if (wrong.length > 0)
    return {
      passed: false,
      note: wrong.map((call) => `${call.name}: ${call.expect} was expected, ${call.detail}`).join("; "),
    };
  return { passed: true, note: `${calls.length} calls did as expected, ${replayed} of the attack's own among them` };
}
