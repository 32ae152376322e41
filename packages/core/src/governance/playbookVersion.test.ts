import { expect, test } from "vitest";
import { borrow, vault, withdraw } from "./cases.testkit.ts";
import { pausePlaybook } from "./pausePlaybook.ts";
import { rulePlaybook } from "./rulePlaybook.ts";

const target = { target: vault, selectors: [withdraw], durationSeconds: 3_600 };
const rule = {
  target: vault,
  selector: withdraw,
  kind: "ARG_MAX",
  argIndex: 0,
  bound: 1n,
  durationSeconds: 60,
} as const;

test("DET-06: an edit of what a playbook does is another version, and the same words are the same one", () => {
  const versions = [
    pausePlaybook({ id: "stop", targets: [target] }),
    pausePlaybook({ id: "stop", targets: [{ ...target, selectors: [borrow] }] }),
    pausePlaybook({ id: "stop", targets: [{ ...target, durationSeconds: 60 }] }),
    pausePlaybook({ id: "stop", targets: [target], severity: "high" }),
    rulePlaybook({ id: "stop", rules: [rule] }),
    rulePlaybook({ id: "stop", rules: [{ ...rule, bound: 2n }] }),
    rulePlaybook({ id: "stop", rules: [rule], pauses: [target] }),
    rulePlaybook({ id: "stop", derive: [{ target: vault, durationSeconds: 60 }] }),
  ].map(({ version }) => version);
  expect(new Set(versions).size).toBe(versions.length);
  expect(pausePlaybook({ id: "stop", targets: [{ ...target }], severity: "critical" }).version).toBe(versions[0]);
});
