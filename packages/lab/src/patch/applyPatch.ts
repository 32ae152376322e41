// A patch on a copy: what of the state is overridden, and which transactions put it in force.
import { circuitBreaker, riskSteward } from "@testudo/contracts";
import type { Evm, EvmBlock, EvmTransaction, OpenEvm } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import { toRun } from "../capsule/toRun.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { deployBreaker, setRule } from "./breakerCalls.ts";
import { errorIn } from "./errorIn.ts";
import { behindGates, type Gate, makeGates } from "./Gate.ts";
import { implementationOf } from "./ourAccounts.ts";
import type { GuardRulePatch, ParameterPatch, Patch, UpgradePatch } from "./Patch.ts";
import { gateSlot, implementationSlot } from "./ruleSlots.ts";

/** What a patch needs beyond the capsule. */
export interface PatchScene {
  readonly accounts: ReadonlyMap<Address, RecordedAccount>;
  readonly gates: readonly Gate[];
}

const stewardGas = 3_000_000n;
// Of what a rule or a value is sent to.
const ourErrors = [...circuitBreaker.abi, ...riskSteward.abi];

/** The state on which `patch` is put in force. Throws `GateRefused`. */
export async function patchScene(
  capsule: Capsule,
  patch: Patch,
  block: EvmBlock,
  openEvm: OpenEvm,
  known: readonly Gate[] = [],
): Promise<PatchScene> {
  switch (patch.kind) {
    case "guardRule": {
      const targets = [...new Set(patch.rules.map(({ target }) => target))];
      const isKnown = targets.every((target) => known.some(({ victim }) => victim === target));
      const gates = isKnown
        ? known.filter(({ victim }) => targets.includes(victim))
        : await makeGates(capsule, targets, block, openEvm);
      return { accounts: behindGates(capsule, gates), gates };
    }
    case "upgrade":
      return { accounts: upgraded(capsule, patch), gates: [] };
    case "parameter":
    case "transactions":
      return { accounts: capsule.accounts, gates: [] };
    default:
      return never(patch);
  }
}

function upgraded({ accounts }: Capsule, { target, code }: UpgradePatch): Map<Address, RecordedAccount> {
  const nothing: RecordedAccount = { balance: 0n, nonce: 1n, code: "0x", storage: new Map() };
  const account = accounts.get(target) ?? nothing;
  const gate = BigInt(account.storage.get(gateSlot) ?? 0n);
  if (gate === 0n && BigInt(account.storage.get(implementationSlot) ?? 0n) === 0n)
    return new Map([...accounts, [target, { ...account, code }]]);
  const implementation = implementationOf(target);
  const word: Hex = `0x${implementation.slice(2).padStart(64, "0")}`;
  const storage = new Map([...account.storage, [implementationSlot, word] as const]);
  // Whether our gate stands open is no matter of the upgrade.
  const flags = (gate >> 160n) << 160n;
  if (gate !== 0n) storage.set(gateSlot, `0x${(flags | BigInt(implementation)).toString(16).padStart(64, "0")}`);
  return new Map([...accounts, [target, { ...account, storage }], [implementation, { ...nothing, code }]]);
}

/** What transactions are run on. */
export type Runner = Pick<Evm, "run">;

/** How far a patch came into force: the gas of its calls; or which of them failed, and why. */
export interface Applied {
  readonly ok: boolean;
  readonly gasUsed: bigint;
  readonly why: string | null;
  /** When its rules end, in Unix seconds. */
  readonly until: bigint | null;
}

export interface ApplyOptions {
  readonly block: EvmBlock;
  readonly exempt: readonly Hex[];
  readonly evidence: Hex;
  /** When rules are set, in Unix seconds; default: at the time of the last block. */
  readonly at?: bigint;
}

/** Puts `patch` in force on `evm`, whose state is its scene, in the block `block`. */
export async function applyPatch(
  evm: Runner,
  capsule: Capsule,
  patch: Patch,
  { block, exempt, evidence, at = timeOfLast(capsule, block) }: ApplyOptions,
): Promise<Applied> {
  switch (patch.kind) {
    case "guardRule":
      return applyRules(evm, patch, at, exempt, evidence);
    case "parameter":
      return applyValues(evm, patch, evidence);
    case "transactions":
      return runAll(
        evm,
        patch.transactions.map((tx) => toRun(capsule, { blockNumber: block.number, ...tx })),
      );
    case "upgrade":
      return deployable(capsule, patch);
    default:
      return never(patch);
  }
}

// EIP-170. Some chains take larger code; there what stands at the target may be larger already.
const mostCode = 24_576;

/** The code is put where it belongs without a creation, which would have refused code that is too large. */
function deployable({ accounts }: Capsule, { target, code }: UpgradePatch): Applied {
  const size = sizeOf(code);
  const most = Math.max(mostCode, sizeOf(accounts.get(target)?.code ?? "0x"));
  const why = size > most ? `the new code has ${size} bytes, and the chain takes ${most}` : null;
  return { ok: why === null, gasUsed: 0n, why, until: null };
}

const sizeOf = (code: Hex) => (code.length - 2) / 2;

async function applyRules(
  evm: Runner,
  { rules, seconds }: GuardRulePatch,
  timestamp: bigint,
  exempt: readonly Hex[],
  evidence: Hex,
): Promise<Applied> {
  const deployed = await runAll(evm, [{ ...deployBreaker(rules, exempt), nonce: 0n }]);
  if (!deployed.ok) return deployed;
  const until = timestamp + BigInt(seconds);
  const set = await runAll(
    evm,
    rules.map((rule) => ({ ...setRule(rule, until, evidence), block: { timestamp } })),
  );
  return { ...set, until };
}

/**
 * When rules are set on a copy, in Unix seconds: they have an end and no begin, so that rules of the last block's time are in force for
 * every transaction, however far the first is from it.
 */
function timeOfLast(capsule: Capsule, { timestamp }: EvmBlock): bigint {
  const times = (capsule.transactions ?? []).map(({ blockNumber }) => blockOf(capsule, blockNumber).timestamp);
  return times.reduce((last, one) => (one > last ? one : last), timestamp);
}

async function applyValues(evm: Runner, { steward, by, values }: ParameterPatch, evidence: Hex): Promise<Applied> {
  const abi = riskSteward.abi;
  const sorted = values.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const args = [sorted.map(({ id }) => id), sorted.map(({ value }) => value), evidence, evidence] as const;
  const send = (input: Hex): EvmTransaction => ({
    from: by,
    to: steward,
    value: 0n,
    input,
    gas: stewardGas,
    gasPrice: 0n,
  });
  const proposed = await evm.run({
    ...send(encodeFunctionData({ abi, functionName: "propose", args })),
    block: { baseFeePerGas: 0n },
  });
  if (proposed.kind === "refused" || !proposed.succeeded) return failed(proposed, 0n);
  const batch = encodeFunctionData({ abi, functionName: "applyBatch", args: [proposed.output] });
  const applied = await runAll(evm, [{ ...send(batch), block: { baseFeePerGas: 0n } }]);
  return { ...applied, gasUsed: applied.gasUsed + proposed.gasUsed };
}

async function runAll(evm: Runner, transactions: readonly EvmTransaction[]): Promise<Applied> {
  let gasUsed = 0n;
  for (const tx of transactions) {
    const outcome = await evm.run(tx);
    if (outcome.kind === "refused" || !outcome.succeeded) return failed(outcome, gasUsed);
    gasUsed += outcome.gasUsed;
  }
  return { ok: true, gasUsed, why: null, until: null };
}

function failed(outcome: Awaited<ReturnType<Evm["run"]>>, gasUsed: bigint): Applied {
  const why =
    outcome.kind === "refused"
      ? `refused as ${outcome.reason}: ${outcome.detail}`
      : `${outcome.trace.error ?? "it failed"}: ${errorIn(outcome.output, ourErrors)}`;
  return { ok: false, gasUsed, why, until: null };
}

function never(patch: never): never {
  throw new TypeError(`Unknown patch ${JSON.stringify(patch)}.`);
}
