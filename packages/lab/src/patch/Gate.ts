// A victim behind GateProxy by a state override: the gate's code stands at its address, and its own code at another one.
import { gateProxy } from "@testudo/contracts";
import { createdAddress } from "@testudo/core/model/createdAddress";
import type { Evm, EvmBlock, OpenEvm } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { watchState } from "../capsule/watchedState.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { deployGate } from "./breakerCalls.ts";
import { errorIn } from "./errorIn.ts";
import { blank, council, deployer, implementationOf, program, timelock } from "./ourAccounts.ts";
import { gateSlot, implementationSlot } from "./ruleSlots.ts";

/** How a victim stands behind its gate. */
export interface Gate {
  readonly victim: Address;
  /** The gate's runtime code, with our breaker and timelock in it. */
  readonly code: Hex;
  /**
   * What enforces rules: the gate; or, where the victim has the mixin SelectorBreaker of its own, that mixin, on the words
   * that the breaker writes through the gate. Such a victim needs no gate on chain.
   */
  readonly enforcedBy: "gate" | "mixin";
  /** Whether the victim is a gate itself already: then ours stands in that one's place, before the same implementation. */
  readonly isReplaced: boolean;
}

/** Whether rules are enforced by a gate, and not by the contract itself. */
export const isByGate = ({ enforcedBy }: Gate): boolean => enforcedBy === "gate";

const openFlag = 1n << 160n;
const wealth = 10n ** 24n;
const selectorBreaker = functionSelector("selectorBreaker()");

/** Makes the gates of `victims`, with the real constructor on a copy. Throws `GateRefused`. */
export async function makeGates(
  capsule: Capsule,
  victims: readonly Address[],
  block: EvmBlock,
  openEvm: OpenEvm,
): Promise<readonly Gate[]> {
  const moved = victims.map((victim): [Address, RecordedAccount] => [
    implementationOf(victim),
    { balance: 0n, nonce: 1n, code: codeOf(capsule, victim), storage: new Map() },
  ]);
  const accounts = new Map([...capsule.accounts, ...moved, ...ourAccounts()]);
  const evm = await openEvm(watchState({ ...capsule, accounts }).source, block);
  const gates: Gate[] = [];
  for (const victim of victims) gates.push(await makeGate(evm, victim, isGate(capsule, victim)));
  return gates;
}

async function makeGate(evm: Evm, victim: Address, isReplaced: boolean): Promise<Gate> {
  // Asked first: behind a proxy a gate could stand before it as well, and both would mark the same callers.
  const isMixin = await hasMixin(evm, victim);
  const first = isReplaced || isMixin ? undefined : await deploy(evm, implementationOf(victim));
  if (first?.ok) return { victim, code: first.code, enforcedBy: "gate", isReplaced };
  if (!isMixin) throw new GateRefused(victim, first?.why ?? "it is no gate of ours");
  const second = await deploy(evm, blank);
  if (!second.ok) throw new GateRefused(victim, second.why);
  return { victim, code: second.code, enforcedBy: isReplaced ? "gate" : "mixin", isReplaced };
}

/** Only a gate has anything there. One before another would delegate to itself: both have their implementation in this slot. */
function isGate({ accounts }: Capsule, victim: Address): boolean {
  return BigInt(accounts.get(victim)?.storage.get(gateSlot) ?? 0n) > 0n;
}

type Deployed = { readonly ok: true; readonly code: Hex } | { readonly ok: false; readonly why: string };

async function deploy(evm: Evm, implementation: Address): Promise<Deployed> {
  const before = evm.snapshot();
  const outcome = await evm.run({ ...deployGate(implementation), nonce: 0n });
  if (outcome.kind === "refused") return { ok: false, why: outcome.detail };
  if (!outcome.succeeded) return { ok: false, why: errorIn(outcome.output, gateProxy.abi) };
  const code = await evm.read({ kind: "code", address: createdAddress(deployer, 0) });
  evm.revert(before);
  return code.ok ? { ok: true, code: code.value } : { ok: false, why: code.error };
}

/** Also where it stands behind a proxy, or a gate. */
async function hasMixin(evm: Evm, victim: Address): Promise<boolean> {
  const answer = await evm.read({ kind: "call", to: victim, data: selectorBreaker });
  return answer.ok && answer.value.length === 66 && BigInt(answer.value) >> 160n === 0n && BigInt(answer.value) > 0n;
}

/** The state of `capsule` with each of `gates` in its victim's place, and our accounts. */
export function behindGates(capsule: Capsule, gates: readonly Gate[]): Map<Address, RecordedAccount> {
  const accounts = new Map([...capsule.accounts, ...ourAccounts()]);
  for (const { victim, code, enforcedBy, isReplaced } of gates) {
    const account = accounts.get(victim)!;
    if (isReplaced) {
      accounts.set(victim, { ...account, code });
      continue;
    }
    const implementation = implementationOf(victim);
    const word = BigInt(implementation) | (enforcedBy === "gate" ? 0n : openFlag);
    const storage = new Map([...account.storage, [gateSlot, toWord(word)] as const]);
    // A victim that is a proxy itself reads its own implementation from this slot; the gate never does.
    if (BigInt(storage.get(implementationSlot) ?? 0n) === 0n)
      storage.set(implementationSlot, toWord(BigInt(implementation)));
    accounts.set(victim, { ...account, code, storage });
    accounts.set(implementation, { balance: 0n, nonce: 1n, code: account.code, storage: new Map() });
  }
  return accounts;
}

function ourAccounts(): [Address, RecordedAccount][] {
  const person = { balance: wealth, nonce: 0n, code: "0x", storage: new Map() } as const;
  return [
    ...[deployer, program, council, timelock].map((address): [Address, RecordedAccount] => [address, person]),
    [blank, { balance: 0n, nonce: 1n, code: "0x00", storage: new Map() }],
  ];
}

function codeOf(capsule: Capsule, victim: Address): Hex {
  const code = capsule.accounts.get(victim)?.code;
  if (code === undefined || code === null || code === "0x")
    throw new GateRefused(victim, "the capsule has no code of it");
  return code;
}

function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** A contract cannot stand behind a gate. Not retryable. */
export class GateRefused extends Error {
  override readonly name = "GateRefused";
  constructor(victim: Address, why: string) {
    super(
      [
        `${victim} cannot stand behind a gate: ${why}.`,
        "- A gate takes a contract whose code is recorded and holds no selector of the gate's own.",
        "- Name another victim, or patch by parameter, upgrade or transactions.",
      ].join("\n"),
    );
  }
}
