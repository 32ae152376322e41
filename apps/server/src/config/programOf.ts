import { applySettings } from "@testudo/core/calibration/applySettings";
import { compositeMeta } from "@testudo/core/detectors/detectComposite";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { isDetectorNamed } from "@testudo/core/model/Playbook";
import type { Program } from "@testudo/core/model/Program";
import { probeFindings } from "@testudo/core/pipeline/probeFindings";
import type { Settings } from "./Config.ts";
import { ConfigError } from "./ConfigError.ts";

/** What the pipeline runs under `settings` on chain `chainId`. Throws ChainMismatch when the configuration names another. */
export function programOf(settings: Settings, chainId: number): Program {
  if (settings.chainId !== undefined && settings.chainId !== chainId) throw new ChainMismatch(settings, chainId);
  const { calibration } = settings;
  if (calibration !== undefined && calibration.chainId !== chainId)
    throw new CalibrationElsewhere(settings.file, calibration.chainId, chainId);
  const detectors = [...detectorsOf(settings), ...settings.ruleDetectors];
  assertNamed(settings, detectors);
  return {
    chainId,
    watched: [...new Set(settings.protect.map(({ address }) => address))],
    detectors,
    playbooks: settings.playbooks,
    policy: settings.policy,
    ...(calibration ? { calibration } : {}),
    ...(settings.composite ? { composite: settings.composite } : {}),
  };
}

/** The detectors with what the calibration measured, where the user said so (CAL-05: nothing applies it by itself). */
function detectorsOf({ file, detectors, calibration, applyCalibration }: Settings): readonly DetectorUse[] {
  const uses = detectors ?? zeroConfigDetectors();
  if (!applyCalibration) return uses;
  if (calibration === undefined) throw new CalibrationUnfit(file, "says applyCalibration and names no calibration.");
  try {
    return applySettings(uses, calibration);
  } catch (error) {
    throw new CalibrationUnfit(
      file,
      `applies a calibration that does not fit: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}

/** Throws PlaybookIdle where a playbook waits for a detector that does not run: it would wait for ever. */
function assertNamed({ file, playbooks, composite }: Settings, detectors: readonly DetectorUse[]): void {
  const ids = [...detectors, probeFindings].map(({ meta }) => meta.id);
  if (composite !== undefined) ids.push(compositeMeta.id);
  for (const { id, detectors: named = [] } of playbooks)
    for (const name of named)
      if (!ids.some((one) => isDetectorNamed(one, name))) throw new PlaybookIdle(file, id, name, ids);
}

/** A playbook names a detector that does not run. */
export class PlaybookIdle extends ConfigError {
  override readonly name = "PlaybookIdle";
  constructor(file: string, playbook: string, detector: string, ids: readonly string[]) {
    super([
      {
        place: { file },
        what: `has a playbook "${playbook}" that waits for "${detector}", which does not run.`,
        allowed: `Detectors that run: ${ids.join(", ")}.`,
        wayOut: "Correct the name, or add the detector.",
      },
    ]);
  }
}

/** Settings of a calibration cannot be applied. */
export class CalibrationUnfit extends ConfigError {
  override readonly name = "CalibrationUnfit";
  constructor(file: string, what: string) {
    super([
      {
        place: { file },
        what,
        allowed: "Settings are applied from a file that `testudo calibrate` made with these very detectors.",
        wayOut: "Run `testudo calibrate` with this configuration and name its file, or leave `applyCalibration` out.",
      },
    ]);
  }
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
