import { expect, test } from "vitest";
import type { Settings } from "../../config/Config.ts";
import { checkNode as checkNodeVersion } from "./checkMachine.ts";
import { checkAgreement, checkClock, type NodeReport } from "./checkNodes.ts";
import { checkPolicy } from "./checkPeople.ts";

test.each([
  ["18.20.0", "fail"],
  ["20.18.9", "fail"],
  ["20.19.0", "ok"],
  ["22.0.0", "ok"],
])("behavior: Node %s is %s", (version, level) => {
  expect(checkNodeVersion(version).level).toBe(level);
});

test.each([
  [-3, "fail"],
  [-2, "ok"],
  [60, "ok"],
  [61, "warn"],
])("behavior: a newest block %i s old is %s (SELF-01)", (age, level) => {
  expect(checkClock("node", { timestamp: 1_000_000 - age }, 1_000_000).level).toBe(level);
});

const report = (chainId?: number): NodeReport => ({
  label: "a",
  checks: [],
  ...(chainId === undefined ? {} : { chainId }),
});

test("behavior: nodes have to be of one chain and enough of them", () => {
  const levels = (reports: readonly NodeReport[], quorum: number, chainId?: number) =>
    checkAgreement(reports, { quorum, chainId }).map(({ level }) => level);
  expect(levels([report(1), report(1)], 2)).toEqual(["ok"]);
  expect(levels([report(1), report(5)], 2)).toEqual(["fail", "ok"]);
  expect(levels([report(1), report()], 2)).toEqual(["fail"]);
  expect(levels([report(1)], 1)).toEqual(["warn"]);
  expect(levels([report(1)], 1, 5)).toEqual(["fail", "warn"]);
});

const day = 86_400n;
const settingsOf = (guardians: number, expiresAt: bigint) =>
  ({
    policy: { guardians: Array.from({ length: guardians }, (_, i) => `0x${i}`), quorum: 2, expiresAt },
    playbooks: [{ id: "p" }],
    sender: { keystore: "k", passwordFile: "p" },
  }) as unknown as Settings;
const levelsOf = (settings: Settings) => checkPolicy(settings, 100n * day).map(({ level }) => level);

test("behavior: a quorum that needs everybody is a warning", () => {
  expect(levelsOf(settingsOf(3, 200n * day))).toEqual(["ok", "ok", "ok", "ok"]);
  expect(levelsOf(settingsOf(2, 200n * day))).toEqual(["warn", "ok", "ok", "ok"]);
});

test("behavior: a policy that ended fails, one that ends soon warns", () => {
  expect(levelsOf(settingsOf(3, 100n * day))[1]).toBe("fail");
  expect(levelsOf(settingsOf(3, 113n * day))[1]).toBe("warn");
});
