import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { Program } from "@testudo/core/model/Program";
import type { Settings } from "./Config.ts";
import { ConfigError } from "./ConfigError.ts";

/** What the pipeline runs under `settings` on chain `chainId`. Throws ChainMismatch when the configuration names another. */
export function programOf(settings: Settings, chainId: number): Program {
  if (settings.chainId !== undefined && settings.chainId !== chainId) throw new ChainMismatch(settings, chainId);
  const { calibration } = settings;
  if (calibration !== undefined && calibration.chainId !== chainId)
    throw new CalibrationElsewhere(settings.file, calibration.chainId, chainId);
  return {
    chainId,
    watched: [...new Set(settings.protect.map(({ address }) => address))],
    detectors: [...(settings.detectors ?? zeroConfigDetectors()), ...settings.ruleDetectors],
    playbooks: settings.playbooks,
    policy: settings.policy,
    ...(calibration ? { calibration } : {}),
    ...(settings.composite ? { composite: settings.composite } : {}),
  };
}

/** The nodes are on another chain than the configuration says. */
export class ChainMismatch extends ConfigError {
  override readonly name = "ChainMismatch";
  constructor({ file, chainId }: Settings, found: number) {
    super([
      {
        place: { file },
        what: `names chainId ${chainId}, the nodes are on chain ${found}.`,
        allowed: "Both have to be the same chain.",
        wayOut: "Correct `rpc` or `chainId`.",
      },
    ]);
  }
}

/** The calibration was measured on another chain: what is usual there says nothing here. */
export class CalibrationElsewhere extends ConfigError {
  override readonly name = "CalibrationElsewhere";
  constructor(file: string, measured: number, found: number) {
    super([
      {
        place: { file },
        what: `names a calibration of chain ${measured}, the nodes are on chain ${found}.`,
        allowed: "Both have to be the same chain.",
        wayOut: "Run `testudo calibrate` on this chain.",
      },
    ]);
  }
}
