import { expect, test } from "vitest";
import type { Finding } from "../model/Finding.ts";
import { findingOf, incidentOf, vault, withdraw } from "./cases.testkit.ts";
import { PlaybookMalformed } from "./PlaybookMalformed.ts";
import { pause } from "./pause.ts";
import { when } from "./when.ts";

const told = (detector: string, blockNumber: bigint): Finding => findingOf("anomaly", { detector, blockNumber });
const answers = (playbook: ReturnType<ReturnType<typeof when>["respond"]>, ...findings: Finding[]) =>
  playbook.matches(incidentOf(findings), findings);

test("it answers the detector that it names, and no other", () => {
  const playbook = when("outflow").respond(pause(vault, ["withdraw(uint256)"]));
  expect(answers(playbook, told("volume", 7n))).toBe(false);
  expect(answers(playbook, told("volume", 7n), told("outflow", 7n))).toBe(true);
  expect(playbook.id).toBe("when-outflow");
  expect(playbook.detectors).toEqual(["outflow"]);
});

test("two have to come together, within so many blocks, in either order; an invariant goes by its name", () => {
  const playbook = when("outflow", { and: "solvent:violated", within: "2 blocks" }).respond(pause(vault, [withdraw]));
  expect(answers(playbook, told("outflow", 10n))).toBe(false);
  expect(answers(playbook, told("invariant-solvent", 10n))).toBe(false);
  for (const [a, b, isNear] of [
    [10n, 12n, true],
    [12n, 10n, true],
    [10n, 13n, false],
    [13n, 10n, false],
  ] as const)
    expect(answers(playbook, told("outflow", a), told("invariant-solvent", b))).toBe(isNear);
  // The nearest pair counts, not the first.
  expect(answers(playbook, told("outflow", 1n), told("outflow", 19n), told("solvent", 20n))).toBe(true);
  const anywhere = when("outflow", { and: "solvent" }).respond(pause(vault, [withdraw]));
  expect(answers(anywhere, told("outflow", 1n), told("solvent", 300n))).toBe(true);
  expect(anywhere.id).toBe("when-outflow-solvent");
});

test("what is found again and again counts where it was found last", () => {
  const playbook = when("outflow", { and: "solvent", within: "2 blocks" }).respond(pause(vault, [withdraw]));
  const findings = [told("outflow", 20n), told("invariant-solvent", 1n)];
  expect(playbook.matches(incidentOf(findings), findings)).toBe(false);
  const lastSeen = ({ detector }: Finding) => (detector === "outflow" ? 20n : 19n);
  expect(playbook.matches(incidentOf(findings), findings, lastSeen)).toBe(true);
});

test.each(["f()", "f(uint256[],bytes32[2][])", "f((address,(uint8,bool)[])[3],string)", "_$g(function,int256)"])(
  "a signature may be %s",
  (text) => {
    expect(pause(vault, [text, text]).selectors).toHaveLength(1);
  },
);

test("it plans what it was told to, with functions by selector or as in Solidity", () => {
  const plan = pause(vault.toUpperCase().replace("0X", "0x") as typeof vault, ["withdraw(uint256)", "0xC5EBEAEC"], 60);
  expect(plan).toEqual({ type: "pause", target: vault, selectors: [withdraw, "0xc5ebeaec"], durationSeconds: 60 });
  const playbook = when("outflow").respond(plan, pause(vault, ["swap((address,uint24)[],bytes)"]));
  const [first, second] = playbook.plan(incidentOf([]), []);
  expect(first).toBe(plan);
  expect(second).toMatchObject({ durationSeconds: 21_600 });
});

test.each([
  ["a name with capitals", () => when("Outflow")],
  ["a second name with a colon", () => when("outflow", { and: "solvent:kept" })],
  ["a distance in words", () => when("outflow", { and: "solvent", within: "two blocks" as "2 blocks" })],
  ["no function", () => pause(vault, [])],
  ["a short type, whose hash is another", () => pause(vault, ["withdraw(uint)"])],
  ["a space", () => pause(vault, ["withdraw(uint256, address)"])],
  ["a bare name", () => pause(vault, ["withdraw"])],
  ...[
    "f(uint256)(uint256)",
    "f(uint256,)",
    "f(,)",
    "f([])",
    "f(uint256))",
    "f((uint256)",
    "f(uint08)",
    "f(bytes33)",
    "f(uint256(address))",
    "f(uint256[0])",
    "f()()",
  ].map((text): [string, () => unknown] => [text, () => pause(vault, [text])]),
  ["no address", () => pause("vault" as typeof vault, [withdraw])],
  ["no time", () => pause(vault, [withdraw], 0)],
  ["half a second", () => pause(vault, [withdraw], 0.5)],
  ["nothing to do", () => when("outflow").respond()],
  ["a width that is none", () => pause(vault, ["withdraw(uint255)"])],
])("error: %s", (_, make) => {
  expect(make).toThrow(PlaybookMalformed);
});
