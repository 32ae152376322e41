import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { standCalibration } from "./standCalibration.ts";

test.each([
  ["nothing", {}],
  ["nodes alone", { rpc: ["http://127.0.0.1:9"] }],
  ["contracts alone", { protect: [`0x${"11".repeat(20)}`] }],
])("error: calibrate that is given %s speaks of itself", async (_, flags) => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-calibrate-"));
  const run = standCalibration({ ...flags, data: folder, out: join(folder, "calibration.json"), json: true });
  await expect(run).rejects.toThrow(
    "calibrate does not know what to measure.\n- Needed: --rpc URL and --protect 0x…, or --config FILE.",
  );
  rmSync(folder, { recursive: true });
});
