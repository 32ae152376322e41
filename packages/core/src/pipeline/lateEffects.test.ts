// Actions that end while the sender has them, and take effect all the same.
import { describe, expect, test } from "vitest";
import { pausePlaybook } from "../governance/pausePlaybook.ts";
import { rulePlaybook } from "../governance/rulePlaybook.ts";
import type { Action, RuleAction } from "../model/Action.ts";
import type { ActionState } from "../model/ActionStatus.ts";
import type { BlockBundle, Log } from "../model/BlockBundle.ts";
import type { GuardRule } from "../model/GuardRule.ts";
import { type Hex, toWord } from "../model/Hex.ts";
import { openDraft } from "../model/Memory.ts";
import {
  actionOf,
  armed,
  attacked,
  blockOn,
  both,
  breaker,
  feeder,
  pass,
  sendsOf,
  sign,
  signed,
  states,
  vault,
  withdraw,
} from "../pipeline.testkit.ts";
import { readCase } from "./Case.ts";
import { ruleClearedTopic, ruleSetTopic, tightenedTopic, trippedTopic } from "./effectLogs.ts";
import { settleIncidents } from "./group.ts";
import { setStanding } from "./Ledger.ts";

const about = (selector: Hex): Hex[] => [`0x${toWord(vault)}`, `0x${selector.slice(2).padEnd(64, "0")}`];

function trippedLog({ evidence, until, selectors: [selector] }: Action): Log {
  const data: Hex = `0x${toWord(until)}${"0".repeat(64)}${evidence.slice(2)}`;
  return { address: breaker, topics: [trippedTopic, ...about(selector!)], data, index: 0, txIndex: 0 };
}

/** A pause that was signed and is the sender's by now, whose cause a reorg takes: `first` is what is left of the chain. */
function orphaned(told: readonly ("signed" | "dropped")[] = []) {
  const f = feeder({ ...both, policy: { ...both.policy!, coolOffSeconds: 86_400 } });
  const first = blockOn(null);
  const attack = blockOn(first.ref, "a", ["attack"]);
  f.feed(armed);
  f.live(first);
  f.live(attack);
  const action = actionOf(f);
  pass(f, action.id, attack);
  sign(f, action.id, 0, 1);
  for (const state of told) f.feed({ kind: "effect", action: action.id, state, note: "the sender's" });
  f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
  return { f, first, action };
}

const headOf = (f: ReturnType<typeof feeder>) => readCase(openDraft(f.state.cells), "standing", "")!.head;

const noticesOf = (f: ReturnType<typeof feeder>, state: string) =>
  f.outputs().flatMap((o) => (o.kind === "commit" ? o.notices.filter((one) => one.transition === state) : []));

describe("RESP-08: what left as its cause went", () => {
  test("keeps its incident for as long as it may take effect, however quiet it is", () => {
    const { f, action } = orphaned();
    const at = (seconds: bigint, standing: object = {}) => {
      const cases = openDraft(f.state.cells);
      const ledger = { program: both, cases, records: [], notices: [], commands: [], opened: new Set<Hex>() };
      setStanding(ledger, standing);
      settleIncidents(ledger, seconds);
      return readCase(cases, "incident", action.incident) !== undefined;
    };
    expect(at(1_000_000n + 200_000n)).toBe(true);
    expect(at(1_000_000n + 200_000n, { ended: [] })).toBe(false);
  });

  test.each([[[]], [["signed", "dropped"] as const]])("is told when it takes effect all the same, %j", (before) => {
    const { f, first, action } = orphaned([...before]);
    expect(states(f).at(-1)).toBe("stale");
    const other = blockOn(first.ref, "b");
    f.live(other);
    f.live(blockOn(other.ref, "b", ["pause"], [trippedLog(action)]));
    expect(states(f).slice(-2)).toEqual(["stale", "active"]);
    expect(noticesOf(f, "active")).toMatchObject([{ severity: "critical" }]);
    expect(noticesOf(f, "active")[0]!.body).toContain("it had ended as stale");
  });

  test("is told as it is found out, once", () => {
    const { f, action } = orphaned();
    const effect = { kind: "effect", action: action.id, state: "broadcast", note: "given out" } as const;
    f.feed(effect);
    f.feed(effect);
    expect(states(f).slice(-2)).toEqual(["stale", "stale"]);
    expect(noticesOf(f, "stale").at(-1)?.body).toBe("given out");
  });

  test("cools off once it is in force, and ends as any other does", () => {
    const { f, first, action } = orphaned();
    const inForce = blockOn(first.ref, "b", ["pause"], [trippedLog(action)]);
    f.live(inForce);
    const again = blockOn(inForce.ref, "b", ["attack"]);
    f.live(again);
    expect(f.records().filter(({ kind }) => kind === "Action")).toHaveLength(1);
    const end = blockOn(again.ref, "b");
    f.live({ ...end, ref: { ...end.ref, timestamp: action.until } });
    expect(states(f).slice(-2)).toEqual(["active", "expired"]);
  });

  test("has ended again where the block of its effect is orphaned, and is not sent anew", () => {
    const { f, first, action } = orphaned();
    const inForce = blockOn(first.ref, "b", ["pause"], [trippedLog(action)]);
    f.live(inForce);
    const outputs = f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [inForce.ref] });
    expect(outputs.filter(({ kind }) => kind === "send")).toEqual([]);
    expect(states(f).slice(-2)).toEqual(["active", "stale"]);
    f.live(blockOn(first.ref, "c", ["pause"], [trippedLog(action)]));
    expect(states(f).at(-1)).toBe("active");
  });

  test("is looked for no more once its end has come, nor what never was the sender's", () => {
    const { f, first, action } = orphaned();
    const end = blockOn(first.ref, "b");
    const last = { ...end, ref: { ...end.ref, timestamp: action.until } };
    f.live(last);
    f.live(blockOn(last.ref, "b", ["pause"], [trippedLog(action)]));
    expect(states(f).at(-1)).toBe("stale");
  });
});

test.each(["active", "killed"] as const)(
  "FIND-09: a quiet incident is forgotten once its action, which is %s for longer, is over",
  (state) => {
    const [permission] = both.policy!.permissions;
    const permissions = [{ ...permission!, maxDurationSeconds: 172_800 }];
    const targets = [{ target: vault, selectors: [withdraw], durationSeconds: 172_800 }];
    const program = {
      ...both,
      policy: { ...both.policy!, permissions },
      playbooks: [pausePlaybook({ id: "stop", targets })],
    };
    const { f, attack, action } = signed(program);
    if (state === "active") f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]));
    else f.feed({ kind: "effect", action: action.id, state, note: "the switch" });
    const isKept = () => readCase(openDraft(f.state.cells), "incident", action.incident) !== undefined;
    const kept = [90_000n, 100_000n, action.until - attack.ref.timestamp].map((seconds) => {
      const made = blockOn(headOf(f));
      f.live({ ...made, ref: { ...made.ref, timestamp: attack.ref.timestamp + seconds } });
      return isKept();
    });
    expect(kept).toEqual([true, true, false]);
  },
);

test("RESP-08: a pause that failed by the nodes' word is told when it takes effect after a reorg", () => {
  const { f, attack, action } = signed(both);
  for (const state of ["broadcast", "failed"] as const)
    f.feed({ kind: "effect", action: action.id, state, note: "reverted" });
  f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]));
  expect(states(f).slice(-2)).toEqual(["failed", "active"]);
});

test("RESP-01: what had failed and takes effect all the same counts once for the rate limit", () => {
  const rateLimit = { actions: 2, seconds: 3_600 };
  const { f, attack, action } = signed({ ...both, policy: { ...both.policy!, rateLimit } });
  for (const state of ["broadcast", "failed"] as const)
    f.feed({ kind: "effect", action: action.id, state, note: "reverted" });
  f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]));
  const begun = readCase(openDraft(f.state.cells), "begun", "all");
  expect(begun).toEqual([{ action: action.id, at: attack.ref.timestamp }]);
});

describe("GATE-02: a pause that others put in force, by what guardians have signed,", () => {
  const trouble = { kind: "trouble", trouble: "endpoint-disagrees", message: "two hashes", freeze: true } as const;

  /** One that was signed and waits to be ordered: our sources disagree. */
  function held(...who: number[]) {
    const { f, attack } = attacked(both);
    const action = actionOf(f);
    pass(f, action.id, attack);
    f.feed(trouble);
    sign(f, action.id, ...who);
    return { f, attack, action };
  }

  test.each([[[0, 1]], [[0]]])("after it was killed before its order is told, signed by %j", (who) => {
    const { f, attack, action } = held(...who);
    f.feed({ kind: "mode", mode: "killed", actor: "test", reason: "test" });
    expect(states(f).at(-1)).toBe("killed");
    f.live(blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]));
    expect(states(f).slice(-2)).toEqual(["killed", "active"]);
    expect(sendsOf(f)).toBe(0);
  });

  test("is not sent where a reorg takes its block with its cause", () => {
    const f = feeder(both);
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, 0, 1);
    const paused = blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]);
    f.live(paused);
    const outputs = f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [paused.ref, attack.ref] });
    expect([states(f).at(-1), outputs.filter(({ kind }) => kind === "send")]).toEqual(["stale", []]);
    f.live(blockOn(first.ref, "b", ["pause"], [trippedLog(action)]));
    expect(states(f).at(-1)).toBe("active");
  });

  /** In force by others, and signed by us or not; `lose` has a reorg take that block, and the cause's as well. */
  function others({ signers = [0, 1], told = [] }: { signers?: number[]; told?: ("signed" | "dropped")[] } = {}) {
    const f = feeder(both);
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.feed(armed);
    f.live(first);
    f.live(attack);
    const action = actionOf(f);
    pass(f, action.id, attack);
    sign(f, action.id, ...signers);
    const tell = (state: ActionState) => f.feed({ kind: "effect", action: action.id, state, note: "the sender's" });
    for (const state of told) tell(state);
    const paused = blockOn(attack.ref, "a", ["pause"], [trippedLog(action)]);
    f.live(paused);
    expect(states(f).at(-1)).toBe("active");
    const lose = () => f.feed({ kind: "reorg", ancestor: attack.ref, orphaned: [paused.ref] }).map(({ kind }) => kind);
    const loseCause = (...more: BlockBundle[]) =>
      f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [...more, attack].map(({ ref }) => ref) });
    return { f, first, attack, paused, action, tell, lose, loseCause };
  }

  test("is sent where a reorg takes its block alone, and is not where another takes its cause before anybody has it", () => {
    const { f, tell, lose, loseCause } = others({ told: ["signed", "dropped"] });
    expect(lose()).toContain("send");
    tell("dropped");
    loseCause();
    expect(states(f).slice(-2)).toEqual(["dropped", "stale"]);
  });

  test("is held after a reorg for as long as our sources disagree, and sent then", () => {
    const { f, lose } = others();
    f.feed(trouble);
    expect([lose(), states(f).at(-1)]).toEqual([["commit"], "cooling"]);
    const after = f.feed({ ...trouble, trouble: "recovered", freeze: false });
    expect(after.map(({ kind }) => kind)).toContain("send");
  });

  test("is not sent after a reorg where people have called its cause harmless, or have pressed the kill switch", () => {
    const settled = others();
    const said = { resolution: "false-positive", actor: "ana", note: "the keeper" } as const;
    settled.f.feed({ kind: "resolve", finding: settled.action.anomaly, ...said });
    expect([settled.lose(), states(settled.f).at(-1)]).toEqual([["commit"], "stale"]);
    const killed = others();
    killed.f.feed({ kind: "mode", mode: "killed", actor: "test", reason: "test" });
    expect([killed.lose(), states(killed.f).at(-1)]).toEqual([["commit"], "killed"]);
  });

  test("waits after a reorg for the signatures that we do not have", () => {
    const { f, action, lose } = others({ signers: [0] });
    expect([lose(), states(f).at(-1)]).toEqual([["commit", "collect"], "simulated"]);
    expect(sign(f, action.id, 1).map(({ kind }) => kind)).toContain("send");
  });

  test("is looked for where a reorg took it with its cause, though nobody had signed it here", () => {
    const { f, first, action, paused, loseCause } = others({ signers: [] });
    loseCause(paused);
    expect(states(f).at(-1)).toBe("stale");
    f.live(blockOn(first.ref, "b", ["pause"], [trippedLog(action)]));
    expect(states(f).at(-1)).toBe("active");
  });

  test("is expected again, cause or none, where ours had left and that is told once the block is judged", () => {
    const { f, paused, tell, loseCause } = others();
    tell("broadcast");
    expect(states(f).at(-1)).toBe("active");
    const outputs = loseCause(paused);
    expect([states(f).at(-1), outputs.map(({ kind }) => kind)]).toEqual(["broadcast", ["commit", "send"]]);
  });
});

describe("LAB-22: a rule that was taken back", () => {
  const rule: GuardRule = { target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 1_000n };
  const permission = { target: vault, selectors: [withdraw], kinds: ["ARG_MAX" as const], maxDurationSeconds: 3_600 };
  const program = {
    ...both,
    playbooks: [rulePlaybook({ id: "narrow", rules: [{ ...rule, durationSeconds: 3_600 }] })],
    policy: {
      ...both.policy!,
      rules: { program: `0x${"dd".repeat(20)}` as Hex, permissions: [permission], atOnce: 1 },
    },
  };
  const setLogs = ({ evidence, until }: RuleAction): Log[] => {
    const [target, selector] = about(withdraw);
    const set: Hex = `0x${[2n, 0n, 1_000n, until].map(toWord).join("")}`;
    const why: Hex = `0x${"0".repeat(64)}${evidence.slice(2)}`;
    return [
      { address: breaker, topics: [ruleSetTopic, target!, selector!], data: set, index: 0, txIndex: 0 },
      { address: breaker, topics: [tightenedTopic, target!, selector!], data: why, index: 1, txIndex: 0 },
    ];
  };
  const cleared: Log = {
    ...{ address: breaker, topics: [ruleClearedTopic, ...about(withdraw)], data: "0x" },
    ...{ index: 2, txIndex: 0 },
  };

  /** A rule in force, and the block that says so. */
  function inForce() {
    const f = feeder(program);
    const head = blockOn(null, "a", ["attack"]);
    f.feed(armed);
    f.live(head);
    const action = actionOf(f) as RuleAction;
    f.feed({ kind: "simulation", action: action.id, passed: true, ref: head.ref, calls: [], note: "ok" });
    const set = blockOn(head.ref, "a", ["x"], setLogs(action));
    f.live(set);
    return { f, action, head, set };
  }

  test("is told when older bytes of it set it again, and taken back again", () => {
    const { f, action, set } = inForce();
    let last: BlockBundle = set;
    for (const logs of [[cleared], setLogs(action), [], [cleared]]) {
      last = blockOn(last.ref, "a", ["x"], logs);
      f.live(last);
    }
    expect(states(f).slice(-4)).toEqual(["active", "released", "active", "released"]);
  });

  test("is in force again where the block that took it back is orphaned, and released where it is taken back anew", () => {
    const { f, set } = inForce();
    const back = blockOn(set.ref, "a", ["x"], [cleared]);
    f.live(back);
    f.feed({ kind: "reorg", ancestor: set.ref, orphaned: [back.ref] });
    expect(states(f).slice(-3)).toEqual(["active", "released", "active"]);
    f.live(blockOn(set.ref, "b", ["x"], [cleared]));
    expect(states(f).at(-1)).toBe("released");
  });

  test("is not in force, nor sent anew, where the block that set it is orphaned after that", () => {
    const { f, action, head, set } = inForce();
    const back = blockOn(set.ref, "a", ["x"], [cleared]);
    f.live(back);
    f.feed({ kind: "reorg", ancestor: set.ref, orphaned: [back.ref] });
    const outputs = f.feed({ kind: "reorg", ancestor: head.ref, orphaned: [set.ref] });
    expect([states(f).at(-1), outputs.filter(({ kind }) => kind === "send")]).toEqual(["released", []]);
    f.live(blockOn(head.ref, "b", ["x"], setLogs(action)));
    expect(states(f).at(-1)).toBe("active");
  });

  test("is not in force where the block that set it is orphaned too", () => {
    const { f, head, set } = inForce();
    const back = blockOn(set.ref, "a", ["x"], [cleared]);
    f.live(back);
    const outputs = f.feed({ kind: "reorg", ancestor: head.ref, orphaned: [back.ref, set.ref] });
    expect([states(f).at(-1), outputs.filter(({ kind }) => kind === "send")]).toEqual(["released", []]);
  });
});
