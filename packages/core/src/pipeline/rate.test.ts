import { describe, expect, test } from "vitest";
import { pausePlaybook } from "../governance/pausePlaybook.ts";
import { toPolicy } from "../governance/policyCheck.ts";
import type { Hex } from "../model/Hex.ts";
import type { Program } from "../model/Program.ts";
import { attacked, blockOn, both, calm, type Fed, feeder, pass, sign, vault } from "../pipeline.testkit.ts";

describe("a rate limit", () => {
  const market: Hex = `0x${"ab".repeat(20)}`;
  const bank: Hex = `0x${"ba".repeat(20)}`;
  const [permission] = both.policy!.permissions;
  const permissions = [vault, market, bank].map((target) => ({ ...permission!, target }));
  const limited = (seconds: number): Program => {
    const { id: _, ...policy } = { ...both.policy!, permissions, rateLimit: { actions: 2, seconds } };
    const targets = permissions.map(({ target, selectors }) => ({ target, selectors, durationSeconds: 3_600 }));
    return { ...both, policy: toPolicy(policy), playbooks: [pausePlaybook({ id: "stop", targets })] };
  };
  const actions = (f: Fed["f"]) => f.records().filter((r) => r.kind === "Action");
  const decisions = (f: Fed["f"]) => f.records().flatMap((r) => (r.kind === "Decision" ? [r.because] : []));
  const beyond = "2 actions were begun within 60 s, 2 may be: the rest is for people";

  test("RESP-01: no more actions are begun than the policy says, the decision says why, and a restart counts on", () => {
    const { f, attack } = attacked(limited(60));
    expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market]);
    expect(decisions(f).at(-1)).toContain(beyond);
    const again = feeder(limited(60), f.state);
    const next = blockOn(attack.ref, "a", ["attack"]);
    again.live(next);
    expect([actions(again).length, decisions(again).at(-1)?.includes(beyond)]).toEqual([0, true]);
    const later = calm(again, next, 30);
    again.live(blockOn(later.ref, "a", ["attack"]));
    expect(actions(again).map((a) => a.kind === "Action" && a.target)).toEqual([bank]);
  });

  test("RESP-01: what is beyond the limit is told to people with the reason, once while that stays the same", () => {
    const { f, attack } = attacked(limited(60));
    const told = () => f.notices().filter(({ transition }) => transition === "limited");
    expect(told()).toMatchObject([
      {
        ...{ topic: "incident", severity: "critical", subject: vault, body: `${beyond} at ${bank}` },
        runbook: "RUNBOOK.md#a-limit-leaves-it-to-people",
      },
    ]);
    calm(f, attack, 20);
    expect(told()).toHaveLength(1);
  });

  test("RESP-01: what ended before it was sent counts no more, so that nothing is kept from its place by what comes to nothing", () => {
    const { f, attack } = attacked(limited(60));
    const failed = { kind: "simulation", passed: false, ref: attack.ref, calls: [], note: "it reverts" } as const;
    for (const { id } of actions(f)) f.feed({ ...failed, action: id });
    f.live(blockOn(attack.ref, "a", ["attack"]));
    expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market, vault, market]);
  });

  test("RESP-01: an action that was sent counts on after its block was orphaned", () => {
    const { f, attack } = attacked(limited(60));
    const [first] = actions(f);
    pass(f, first!.id, attack);
    sign(f, first!.id, 0, 1);
    f.feed({ kind: "effect", action: first!.id, state: "broadcast", note: "sent", txHash: "0x01" });
    const { parentHash: hash, number, timestamp } = attack.ref;
    const ancestor = { hash, number: number - 1n, timestamp: timestamp - 1n, parentHash: hash };
    f.feed({ kind: "reorg", ancestor, orphaned: [attack.ref] });
    f.live(blockOn(ancestor, "b", ["attack"]));
    // The one that was not sent ended with its cause, and is begun anew; a third one is not.
    expect(actions(f).map((a) => a.kind === "Action" && a.target)).toEqual([vault, market, market]);
  });
});
