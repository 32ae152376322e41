import type { Calibration } from "@testudo/core/model/Calibration";
import { fromPlainJson, toPlainJson } from "@testudo/core/model/plainJson";
import { isIntact } from "@testudo/core/model/Record";
import { z } from "zod";
import { ConfigError } from "./ConfigError.ts";
import { readTextWithin } from "./readFileWithin.ts";
import { whyUnread } from "./whyUnread.ts";

const rate = z.object({ hits: z.number(), trials: z.number(), low: z.number(), high: z.number() });
const level = z.union([
  z.object({ budgetPpm: z.number(), offered: z.literal(false), needs: z.number() }),
  z.object({
    budgetPpm: z.number(),
    offered: z.literal(true),
    threshold: z.number(),
    fitted: rate,
    judged: rate,
    alertsPerDay: z.number(),
  }),
]);
// The id vouches for the rest: what was written by hand does not bear it.
const schema = z.looseObject({
  kind: z.literal("Calibration"),
  id: z.string(),
  chainId: z.number(),
  watched: z.array(z.string()),
  range: z.looseObject({ to: z.looseObject({ timestamp: z.bigint() }) }),
  correlations: z.array(z.tuple([z.string(), z.string(), z.number()])),
  detectors: z.array(
    z.looseObject({
      detector: z.string(),
      version: z.string(),
      subject: z.string(),
      transactions: z.number(),
      tail: z.array(z.tuple([z.number(), z.number()])),
      levels: z.array(level),
    }),
  ),
});

/** The calibration in the file `path`. Throws CalibrationRefused when it is not there, is none, or was altered. */
export function loadCalibration(path: string): Calibration {
  let value: unknown;
  try {
    value = fromPlainJson<never>(readTextWithin(path));
  } catch (error) {
    throw new CalibrationRefused(path, `cannot be read: ${whyUnread(error)}`);
  }
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const place = issue?.path.join(".") || "the file";
    throw new CalibrationRefused(path, `is no calibration: "${place}" is missing or of another kind`);
  }
  const calibration = value as Calibration;
  if (!isIntact(calibration)) throw new CalibrationRefused(path, "was altered: its id is not the hash of what it says");
  return calibration;
}

/** The text of a calibration's file. */
export function calibrationText(calibration: Calibration): string {
  return `${JSON.stringify(JSON.parse(toPlainJson(calibration)), null, 1)}\n`;
}

/** A calibration's file cannot be used. */
export class CalibrationRefused extends ConfigError {
  override readonly name = "CalibrationRefused";
  constructor(file: string, what: string) {
    super([
      {
        place: { file },
        what,
        allowed: "It is the file that `testudo calibrate` wrote, as it wrote it.",
        wayOut: "Run `testudo calibrate`, or leave `calibration` out.",
      },
    ]);
  }
}
