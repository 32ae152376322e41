import { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import type { Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { closeExits, type ExitParams } from "../closeExits.ts";

/** What the program has to know of a deployment. */
export type ReferenceProgramParams = ExitParams & {
  /** Selectors by which the exchange's own modules answer a call: they check their caller. */
  readonly callbacks: readonly Hex[];
};

/** The defence behind the modules: the zero-configuration set, and a pause of the ways out. */
export function createProgram({ callbacks, ...params }: ReferenceProgramParams): Program {
  const others = zeroConfigDetectors().filter(({ meta }) => meta.id !== detectReentrancy.meta.id);
  const reentrancy = useDetector(detectReentrancy, { allowedInner: callbacks });
  return { ...closeExits(params), detectors: [...others, reentrancy] };
}
