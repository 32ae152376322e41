import { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
import { toPolicy } from "@testudo/core/governance/policyCheck";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Canary } from "@testudo/core/model/Policy";
import type { Program } from "@testudo/core/model/Program";

/** A contract and the functions that a pause may name. */
export type Pausable = {
  readonly name: string;
  readonly address: Address;
  readonly pausable: readonly Hex[];
  readonly exempt: readonly Hex[];
};

/** Which contracts are defended, by whom, and what must work or be shut once a pause is in force. */
export type ExitParams = {
  readonly chainId: number;
  readonly contracts: readonly Pausable[];
  readonly council: Address;
  readonly breaker: Address;
  readonly guardians: readonly Address[];
  readonly canaries: readonly Canary[];
};

const pauseSeconds = 6 * 3_600;
// The policy ends by itself: a forgotten one must not act for ever. Far beyond any drill's clock.
const policyEndsAt = 1_900_000_000n;

/** A drill's defence but for its detectors: all ways out of `contracts` are paused at once, for six hours. */
export function closeExits({ chainId, contracts, ...params }: ExitParams): Omit<Program, "detectors"> {
  const targets = contracts.map(({ address, pausable }) => ({
    target: toLower(address),
    selectors: pausable,
    durationSeconds: pauseSeconds,
  }));
  return {
    chainId,
    watched: contracts.map(({ address }) => toLower(address)),
    playbooks: [pausePlaybook({ id: "close-the-exits", targets })],
    policy: toPolicy({
      expiresAt: policyEndsAt,
      permissions: contracts.map(({ name, address, pausable, exempt }) => ({
        target: toLower(address),
        name,
        selectors: pausable,
        exempt,
        maxDurationSeconds: pauseSeconds,
      })),
      minSeverity: "high",
      guardians: params.guardians.map(toLower),
      quorum: 2,
      council: toLower(params.council),
      breaker: toLower(params.breaker),
      coolOffSeconds: 24 * 3_600,
      deadlineSeconds: 300,
      canaries: params.canaries,
    }),
  };
}
