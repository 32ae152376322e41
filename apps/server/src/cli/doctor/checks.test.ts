import { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
import type { Hex } from "@testudo/core/model/Hex";
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

test("RESP-02: a playbook that plans what the policy refuses fails", () => {
  const target = `0x${"5a".repeat(20)}` as const;
  const permission = { target, name: "Vault", selectors: ["0x2e1a7d4d"], exempt: [], maxDurationSeconds: 60 };
  const { policy } = settingsOf(3, 200n * day);
  const checked = (selector: Hex, durationSeconds = 60) => {
    const playbooks = [pausePlaybook({ id: "stop", targets: [{ target, selectors: [selector], durationSeconds }] })];
    const settings = { policy: { ...policy, permissions: [permission] }, playbooks } as unknown as Settings;
    return checkPolicy(settings, 100n * day).find(({ name }) => name === "playbooks");
  };
  expect(checked("0x2e1a7d4d")).toEqual({ level: "ok", name: "playbooks", text: "stop" });
  expect(checked("0x11111111")).toMatchObject({
    level: "fail",
    text: expect.stringMatching(/^"stop" plans what the policy refuses: .*0x11111111/),
  });
});
