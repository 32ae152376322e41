import { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
import { detectSuspiciousDeploy } from "@testudo/core/detectors/detectSuspiciousDeploy";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { closeExits, type ExitParams } from "../closeExits.ts";

/** What the program has to know of a deployment. */
export type ReferenceProgramParams = ExitParams & {
  /** Selectors by which the exchange's own modules answer a call: they check their caller. */
  readonly callbacks: readonly Hex[];
  /** Mixers of its chain: with them the makers of new contracts are looked at. */
  readonly mixers?: readonly Address[];
};

/** The defence behind the modules: the zero-configuration set, and a pause of the ways out. */
export function createProgram({ callbacks, mixers, ...params }: ReferenceProgramParams): Program {
  const others = zeroConfigDetectors().filter(({ meta }) => meta.id !== detectReentrancy.meta.id);
  const reentrancy = useDetector(detectReentrancy, { allowedInner: callbacks });
  const suspicious = mixers === undefined ? [] : [useDetector(detectSuspiciousDeploy, { sources: mixers })];
  return { ...closeExits(params), detectors: [...others, reentrancy, ...suspicious] };
}
