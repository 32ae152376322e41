import { type DetectorUse, useDetector } from "../model/Detector.ts";
import { detectAdminChange } from "./detectAdminChange.ts";
import { detectApprovalPhish } from "./detectApprovalPhish.ts";
import { detectAssetDrain } from "./detectAssetDrain.ts";
import { detectCallTree } from "./detectCallTree.ts";
import { detectFlashLoan } from "./detectFlashLoan.ts";
import { detectImpactThenUse } from "./detectImpactThenUse.ts";
import { detectOutflow } from "./detectOutflow.ts";
import { detectReentrancy } from "./detectReentrancy.ts";
import { detectShareInflation } from "./detectShareInflation.ts";

// Bound once: each binding checks the settings, which takes longer than judging a small transaction.
const bound: readonly DetectorUse[] = [
  useDetector(detectAssetDrain),
  useDetector(detectOutflow),
  useDetector(detectFlashLoan),
  useDetector(detectReentrancy),
  useDetector(detectImpactThenUse),
  useDetector(detectAdminChange),
  useDetector(detectCallTree),
  useDetector(detectShareInflation),
  useDetector(detectApprovalPhish),
];

/** The detectors that need nothing but addresses to protect. Fixed defaults, uncalibrated (ASSET-08). */
export function zeroConfigDetectors(): DetectorUse[] {
  return [...bound];
}
