import { expect, test } from "vitest";
import { severities } from "../model/Finding.ts";
import { borrow, incidentOf, market, vault, withdraw } from "./cases.testkit.ts";
import { pausePlaybook } from "./pausePlaybook.ts";

const targets = [
  { target: vault, selectors: [withdraw], durationSeconds: 3_600 },
  { target: market, selectors: [borrow, withdraw], durationSeconds: 7_200 },
];

const matched = (playbook: ReturnType<typeof pausePlaybook>) =>
  severities.filter((severity) => playbook.matches(incidentOf([], { severity }), []));

test("a playbook answers critical incidents only, unless told otherwise", () => {
  expect(matched(pausePlaybook({ id: "stop", targets }))).toEqual(["critical"]);
  expect(matched(pausePlaybook({ id: "stop", targets, severity: "medium" }))).toEqual(["medium", "high", "critical"]);
});

test("it plans one pause for each target, in order, whatever the incident", () => {
  const playbook = pausePlaybook({ id: "stop", targets });
  const plans = playbook.plan(incidentOf([]), []);
  expect(plans).toEqual(targets.map((target) => ({ type: "pause", ...target })));
  expect(playbook.plan(incidentOf([], { severity: "info" }), [])).toEqual(plans);
});

test("functions are named by selector or as in Solidity, and a contract in any case of its digits", () => {
  const written = { target: vault.toUpperCase().replace("0X", "0x") as typeof vault, durationSeconds: 3_600 };
  const [plan] = pausePlaybook({ id: "stop", targets: [{ ...written, selectors: ["withdraw(uint256)"] }] }).plan(
    incidentOf([]),
    [],
  );
  expect(plan).toEqual({ type: "pause", target: vault, selectors: [withdraw], durationSeconds: 3_600 });
  const short = () => pausePlaybook({ id: "stop", targets: [{ ...written, selectors: ["withdraw(uint)"] }] });
  expect(short).toThrow('"withdraw(uint)" is no function.\n- Allowed: a selector, or the signature');
});

test("without targets it plans nothing", () => {
  expect(pausePlaybook({ id: "idle", targets: [] }).plan(incidentOf([]), [])).toEqual([]);
});
