import { detectImpactThenUse } from "@testudo/core/detectors/detectImpactThenUse";
import { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { type DetectorUse, useDetector } from "@testudo/core/model/Detector";
import type { Program } from "@testudo/core/model/Program";
import { swapTopics } from "@testudo/core/signs/SpotPrice";
import { expect, test } from "vitest";
import { frameLogsOf, hasFrameLogs } from "./frameLogsOf.ts";

const programOf = (...detectors: readonly DetectorUse[]): Program => ({
  chainId: 1,
  watched: [],
  detectors,
  playbooks: [],
  policy: null,
});
const reentrancy = useDetector(detectReentrancy);
const impact = useDetector(detectImpactThenUse);
const { frameLogs: _, ...silent } = reentrancy;

test("STREAM-07: what is looked for inside frames is what the detectors say together, and anything where one does not say", () => {
  expect(frameLogsOf(programOf(reentrancy))).toEqual([]);
  expect(frameLogsOf(programOf(reentrancy, impact))).toEqual(swapTopics);
  expect(frameLogsOf(programOf(impact, silent))).toBeUndefined();
  // What needs no configuration must not be what makes a back-scan slow.
  expect(frameLogsOf(programOf(...zeroConfigDetectors()))).toEqual(swapTopics);
});

test("STREAM-07: blocks fetched for some detectors do for others that look for no further log inside frames", () => {
  expect(hasFrameLogs(programOf(impact), programOf(reentrancy))).toBe(true);
  expect(hasFrameLogs(programOf(silent), programOf(silent, impact))).toBe(true);
  expect(hasFrameLogs(programOf(reentrancy), programOf(impact))).toBe(false);
  expect(hasFrameLogs(programOf(impact), programOf(silent))).toBe(false);
});
