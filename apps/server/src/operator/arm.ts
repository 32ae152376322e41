import { type DrillReceipt, readDrillReceipt } from "./drillReceipt.ts";
import { writeSwitch } from "./switch.ts";

const dayMs = 24 * 3_600_000;
const maxAgeMs = 30 * dayMs;

/** Sets the switch to armed. Throws DrillMissing unless a drill passed here in the last 30 days (RESP-14). */
export function arm(
  dataDir: string,
  { actor, reason, now }: { actor: string; reason: string; now: Date },
): DrillReceipt {
  const receipt = readDrillReceipt(dataDir);
  if (receipt === undefined) throw new DrillMissing(dataDir, "no drill has passed");
  const ageMs = now.getTime() - Date.parse(receipt.passedAt);
  if (ageMs < 0) throw new DrillMissing(dataDir, `the drill's receipt is of the future (${receipt.passedAt})`);
  if (ageMs > maxAgeMs)
    throw new DrillMissing(
      dataDir,
      `the last drill passed ${Math.floor(ageMs / dayMs)} days ago (${receipt.passedAt})`,
    );
  writeSwitch(dataDir, { mode: "armed", actor, reason, at: now.toISOString() });
  return receipt;
}

/** Arming without a drill. */
export class DrillMissing extends Error {
  override readonly name = "DrillMissing";
  constructor(dataDir: string, why: string) {
    super(
      `Not armed: ${why} in "${dataDir}".\n` +
        "- A program may send only where a drill passed in the last 30 days.\n" +
        `- Run: testudo drill --data "${dataDir}"`,
    );
  }
}
