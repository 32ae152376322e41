import { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
import { toPolicy } from "@testudo/core/governance/policyCheck";
import { type DetectorUse, useDetector } from "@testudo/core/model/Detector";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Canary } from "@testudo/core/model/Policy";
import type { Program } from "@testudo/core/model/Program";

/** What the program has to know of a deployment. */
export type ReferenceProgramParams = {
  readonly chainId: number;
  readonly contracts: readonly {
    readonly name: string;
    readonly address: Address;
    readonly pausable: readonly Hex[];
    readonly exempt: readonly Hex[];
  }[];
  readonly council: Address;
  readonly breaker: Address;
  readonly guardians: readonly Address[];
  readonly canaries: readonly Canary[];
  /** Selectors by which the exchange's own modules answer a call: they check their caller. */
  readonly callbacks: readonly Hex[];
};

const pauseSeconds = 6 * 3_600;
// Far beyond any drill's clock; a forgotten policy must not act for ever.
const policyEndsAt = 1_900_000_000n;

/** The defence behind the modules: the zero-configuration set, and a pause of the ways out. */
export function createProgram({ chainId, contracts, ...params }: ReferenceProgramParams): Program {
  return {
    chainId,
    watched: contracts.map(({ address }) => toLower(address)),
    detectors: detectors(params.callbacks),
    playbooks: [
      pausePlaybook({
        id: "close-the-exits",
        targets: contracts.map(({ address, pausable }) => ({
          target: toLower(address),
          selectors: pausable,
          durationSeconds: pauseSeconds,
        })),
      }),
    ],
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

function detectors(callbacks: readonly Hex[]): DetectorUse[] {
  const others = zeroConfigDetectors().filter(({ meta }) => meta.id !== detectReentrancy.meta.id);
  return [...others, useDetector(detectReentrancy, { allowedInner: callbacks })];
}
