// From blocks of a node to settings, and from a configuration that applies them to what is told.

import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { applySettings } from "@testudo/core/calibration/applySettings";
import { calibrate } from "@testudo/core/calibration/calibrate";
import { reportCalibration } from "@testudo/core/calibration/reportCalibration";
import { detectOutflow } from "@testudo/core/detectors/detectOutflow";
import { useDetector } from "@testudo/core/model/Detector";
import type { Settings } from "testudo/config/Config";
import { programOf } from "testudo/config/programOf";
import { collectScores } from "testudo/jobs/scores/collectScores";
import { afterEach, expect, test } from "vitest";
import { openStageWatch } from "../catalogue/stageWatch.testkit.ts";
import { grants } from "../corpus/BankWorld.ts";
import { openIncidentStage, units, users } from "../corpus/IncidentStage.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test("CAL-04, CAL-05: an hour's outflow that the default lets pass is told once the measured limit is applied, not before", async () => {
  const watch = await openStageWatch();
  closers.push(watch.close);
  const stage = openIncidentStage(watch.url);
  const money = await stage.deploy("Token", ["USD"]);
  const pool = await stage.deploy("RebateExchange", [money]);
  const call = (name: string, amount: number) => stage.call(users[0]!, pool, "RebateExchange", name, [units(amount)]);
  await stage.mine([...grants(stage, money, [users[0]!], 1_000_000, [pool]), call("deposit", 100_000)]);
  // A day's habit: a hundredth and a bit out, and in again in the next hour.
  for (let i = 0; i < 24; i++) await stage.mine([call(i % 2 === 0 ? "withdraw" : "deposit", 1_000 + 10 * i)], 4_000);
  for (let i = 0; i < 20; i++) await stage.mine([call("withdraw", 900)], 4_000);

  const node = openEndpoint(watch.url);
  closers.push(() => node.close());
  const uses = [useDetector(detectOutflow)];
  const program = { chainId: 31_337, watched: [pool], detectors: uses, playbooks: [], policy: null };
  const [before, to] = [(await fetchBlock(node, 3n, false)).ref, 47n];
  const { signal } = new AbortController();
  const found = await collectScores({ endpoints: [node], quorum: 1, program, before, to, signal });
  const detectors = uses.map(({ meta }) => ({ id: meta.id, version: meta.version }));
  const calibration = calibrate({ chainId: 31_337, watched: [pool], detectors, cuts: [], uses, ...found });
  expect(reportCalibration(calibration)).toContainEqual(
    expect.stringMatching(
      /^Setting of outflow: share of 0x\w+ out of 0x\w+ in 3600 s 0\.35 -> 0\.01\d*, 1\.2 times the most of \d+$/,
    ),
  );

  const configured = (applyCalibration: boolean) =>
    programOf(
      {
        file: "testudo.config.ts",
        chainId: undefined,
        protect: [{ name: undefined, address: pool }],
        detectors: uses,
        ruleDetectors: [],
        playbooks: [],
        policy: null,
        calibration,
        applyCalibration,
      } as unknown as Settings,
      31_337,
    ).detectors;
  expect(configured(false)).toEqual(uses);
  expect(configured(true).map(({ settings }) => settings)).toEqual(
    applySettings(uses, calibration).map(({ settings }) => settings),
  );
  for (const [applied, told] of [
    [false, []],
    [true, ["high outflow"]],
  ] as const) {
    await watch.start([pool], configured(applied));
    await stage.mine([call("withdraw", 3_000)], 4_000);
    expect(await watch.judge()).toEqual(told);
  }
});

test("error: a calibration that is not named, or was made with other detectors, is not applied", () => {
  const settings = { file: "testudo.config.ts", applyCalibration: true, protect: [], detectors: [], ruleDetectors: [] };
  expect(() => programOf(settings as unknown as Settings, 1)).toThrow("names no calibration");
});
