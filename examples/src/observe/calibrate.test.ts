// From blocks of a node to a file, and from the file to what findings and metrics say.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@testudo/core/model/Finding";
import { openWatches } from "testudo/cli/watchProcess.testkit";
import { loadCalibration } from "testudo/config/loadCalibration";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "../faults/till.testkit.ts";
import { readMetrics, sumOf } from "./readMetrics.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test("CAL-01, CAL-05, OBS-01: a range of a node becomes a file that findings cite and metrics measure against", async () => {
  const world = await openTill();
  const watches = openWatches();
  const folder = makeFolder();
  closers.push(folder.remove, world.close, watches.close);
  for (let nonce = 0; nonce < 12; nonce += 1) {
    await world.send(await world.theft(1n, nonce));
    if (nonce % 3 === 2) await world.mine();
  }
  const head = await world.mine();
  const file = join(watches.folder, "calibration.json");
  const range = ["--from", "5", "--to", `${head}`];
  const run = watches.start([
    "calibrate",
    "--rpc",
    world.rpcUrl,
    "--protect",
    world.params.till,
    ...range,
    "--out",
    file,
  ]);
  expect(await run.ended).toBe(0);
  expect(run.out()).toContain(`asset-drain on ${world.params.till}: 12 transactions`);
  expect(run.out()).toContain("0.01 %: unavailable, needs 10000 transactions");
  expect(run.out()).toMatch(/ 10 %: score above [\d.]+; oldest 70 %: .* newest 30 %: .* alerts a day/);
  expect(run.out()).toContain(`Flow of ${world.params.token} out of ${world.params.till} in 3600 s: most seen 1 bps`);
  const calibration = loadCalibration(file);
  expect(calibration.range.to.number).toBe(BigInt(head));

  const seen = await watchTill(world, folder.path, { calibration: file, guardians: 0 });
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  await world.send(await world.theft(tillHolds / 2n, 12));
  await world.mine();
  const drains = () =>
    seen.commits
      .flatMap(({ records }) => records)
      .filter((r): r is Finding => r.kind === "Finding" && r.detector === "asset-drain" && r.phase === "live");
  await seen.until(() => drains().length > 0);
  expect(drains()[0]).toMatchObject({ calibration: calibration.id, pValue: 1 / 13 });
  const samples = await readMetrics(seen.watch.url);
  const age = sumOf(samples, "testudo_calibration_age_seconds");
  expect(Math.abs(age - (Date.now() / 1_000 - Number(calibration.range.to.timestamp)))).toBeLessThan(60);
  // One finding on one transaction where 10 % were agreed.
  expect(sumOf(samples, "testudo_fp_budget_used_ratio", 'detector="asset-drain"')).toBeCloseTo(10, 6);
  expect(sumOf(samples, "testudo_fp_budget_used_ratio", 'detector="flash-loan"')).toBe(0);

  // A file that somebody made kinder is refused.
  writeFileSync(file, readFileSync(file, "utf8").replace('"transactions": 12', '"transactions": 13'));
  expect(() => loadCalibration(file)).toThrow("was altered: its id is not the hash of what it says");
});
