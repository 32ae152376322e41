import type { Decision } from "@testudo/core/model/Decision";
import type { Commit, EvidenceRecord } from "@testudo/core/model/Output";
import { expect, test } from "vitest";
import { action, actionStatus, blockRef, chainOf, finding, subject } from "../store/chain.testkit.ts";
import { simulation } from "../store/records.testkit.ts";
import { type DrillView, quietView, terminalView } from "./DrillView.ts";
import type { SentTransaction } from "./Scenario.ts";
import { toScorecard } from "./scorecard.ts";

const anna = `0x${"a0".repeat(20)}` as const;
const bruno = `0x${"b0".repeat(20)}` as const;
const names = new Map<string, string>([
  [subject, "Vault"],
  [anna, "Anna"],
  [bruno, "Bruno"],
  ["0x2e1a7d4d", "withdraw"],
]);
const nameOf = (address: string) => names.get(address);
const pause = action("pump");
const { link } = chainOf();
const commit = (number: number, ...records: readonly unknown[]): Commit =>
  link({ records: records as EvidenceRecord[], cursor: blockRef(number) });
const decision = {
  kind: "Decision",
  id: `0x${"d0".repeat(32)}`,
  outcome: "propose",
  because: "playbook close-the-exits: oracle-deviation and invariant-curie-solvency",
} as unknown as Decision;
const approval = (signer: string) => ({ kind: "Approval", id: `0x${"e0".repeat(32)}`, signer });
const sent = (role: SentTransaction["role"], label: string): SentTransaction => ({
  hash: `0x${"f0".repeat(32)}`,
  role,
  label,
});

const commits: readonly Commit[] = [
  commit(41),
  commit(
    42,
    finding(1, `${subject} paid out 14226 USD of honest margin and debt that nobody can reclaim from anyone.`),
    decision,
    pause,
    simulation(pause),
    approval(anna),
    approval(bruno),
    { ...actionStatus(pause, "approved"), note: "2 of 2 guardians" },
    { ...actionStatus(pause, "broadcast"), note: "the pause is on its way", txHash: `0x${"77".repeat(32)}` },
  ),
  commit(43, { ...actionStatus(pause, "active"), note: "0x2e1a7d4d", blockNumber: 43n }),
];

const card = toScorecard(1, [
  {
    name: "curie-thin-pump",
    kind: "thin-liquidity pump by colluding accounts",
    protocol: "Perpetual Protocol v2",
    naive: { lossUsd: 125_458 },
    defended: { lossUsd: 0 },
    savedShare: 1,
    firstBadBlock: 42,
    alertMs: 119,
    pausedBlock: 43,
    pausedSelectors: [{ target: subject, selector: "0x2e1a7d4d", until: 1_700_021_600 }],
    riskReducingStillOpen: true,
    falseAlerts: 0,
    benignTx: 93,
    remediation: { guard: "pause", guardSeconds: 2, ruleMs: null, upgrade: null, upgradeMs: null },
  },
]);
const beside = {
  riskReducing: [{ name: "closePosition", ok: true }],
  contrast: [{ name: "a trader can close a position", ok: false }],
  waitedMs: 0,
};

/** A whole run, as the drill tells it to its view. */
function play(view: DrillView): void {
  view.chapter("Without defence: thin-liquidity pump by colluding accounts on Perpetual Protocol v2, seed 1");
  for (let slot = 1; slot <= 18; slot += 1) view.progress(slot, 18);
  view.loss("lost without defence", 125_458);
  view.chapter("With Testudo, on the same seed");
  view.stage("deploying the protocol behind the gates, the council and a Safe");
  view.commit(commits[0]!, nameOf);
  view.slot(1, 18, [sent("benign", "open"), sent("benign", "close")]);
  view.commit(commits[0]!, nameOf);
  view.slot(2, 18, [sent("benign", "open"), sent("attack", "pump the price"), sent("attack", "withdraw the profit")]);
  view.commit(commits[1]!, nameOf);
  view.commit(commits[2]!, nameOf);
  view.stopped([sent("attack", "withdraw the profit")]);
  view.loss("lost with Testudo", 0);
  view.card(card, beside);
}

function rendered(columns: number, isTty = false): string {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  play(terminalView(write, { isTty, color: false, columns: () => columns }));
  return text;
}

test("behavior: a whole run on a wide terminal, without colour", () => {
  expect(rendered(120)).toMatchInlineSnapshot(`
    "
    Without defence: thin-liquidity pump by colluding accounts on Perpetual Protocol v2, seed 1
      18 blocks
      lost without defence: 125,458.00 USD

    With Testudo, on the same seed
    · deploying the protocol behind the gates, the council and a Safe
    slot  1/18 2 by honest users
    block 41 quiet
    slot  2/18 1 by honest users, pump the price, withdraw the profit
    block 42
      CRITICAL outflow at Vault: Vault paid out 14226 USD of honest margin and debt that nobody can reclaim from anyone.
      decided  propose an action (playbook close-the-exits: oracle-deviation and invariant-curie-solvency)
      planned  pause 1 function of Vault until 2023-11-15 04:13:20 UTC
      tried    on a fork of block 1: 0 pauses work, withdraw works
      signed   guardian Anna
      signed   guardian Bruno
      agreed   2 of 2 guardians
      sent     the pause is on its way (transaction 0x777777…7777)
    block 43
       PAUSED  in block 43: withdraw
      refused  withdraw the profit
      lost with Testudo: 0.00 USD

    Scorecard
      attack                                            curie-thin-pump on Perpetual Protocol v2, seed 1
      lost without defence                              125,458.00 USD
      lost with Testudo                                 0.00 USD
      saved                                             100.0 %
      first bad block                                   42
      block received to alert                           119 ms
      pause in force from block                         43
      first bad transaction to guard on chain           2 s, by a pause
      functions paused                                  1, each until its own end
      false alerts                                      0 on 93 honest transactions
      chain waited for the defence                      never
    While the pause is on
        closePosition works                             yes
    The protocol's own pause, for comparison
        a trader can close a position                   no
    "
  `);
});

test("behavior: quiet blocks after the scorecard do not scroll it away, what happens is told", () => {
  const after = (isTty: boolean) => {
    let text = "";
    const view = terminalView((more) => (text += more), { isTty, color: false, columns: () => 120 });
    play(view);
    text = "";
    view.commit(commits[0]!, nameOf);
    view.commit(commits[0]!, nameOf);
    view.commit(commit(44, { ...actionStatus(pause, "active"), note: "0x2e1a7d4d", blockNumber: 44n }), nameOf);
    return text;
  };
  const told = "block 44\n   PAUSED  in block 44: withdraw\n";
  expect(after(false)).toBe(told);
  expect(after(true)).toBe(`\rblock 41 quiet\rblock 41 quiet\n${told}`);
});

test("behavior: a whole run on a narrow terminal, without colour", () => {
  expect(rendered(60)).toMatchInlineSnapshot(`
    "
    Without defence: thin-liquidity pump by colluding accounts
               on Perpetual Protocol v2, seed 1
      18 blocks
      lost without defence: 125,458.00 USD

    With Testudo, on the same seed
    · deploying the protocol behind the gates, the council and a
               Safe
    slot  1/18 2 by honest users
    block 41 quiet
    slot  2/18 1 by honest users, pump the price, withdraw the
               profit
    block 42
      CRITICAL outflow at Vault: Vault paid out 14226 USD of
               honest margin and debt that nobody can reclaim
               from anyone.
      decided  propose an action (playbook close-the-exits:
               oracle-deviation and invariant-curie-solvency)
      planned  pause 1 function of Vault until 2023-11-15
               04:13:20 UTC
      tried    on a fork of block 1: 0 pauses work, withdraw
               works
      signed   guardian Anna
      signed   guardian Bruno
      agreed   2 of 2 guardians
      sent     the pause is on its way (transaction
               0x777777…7777)
    block 43
       PAUSED  in block 43: withdraw
      refused  withdraw the profit
      lost with Testudo: 0.00 USD

    Scorecard
      attack: curie-thin-pump on Perpetual Protocol v2, seed 1
      lost without defence: 125,458.00 USD
      lost with Testudo: 0.00 USD
      saved: 100.0 %
      first bad block: 42
      block received to alert: 119 ms
      pause in force from block: 43
      first bad transaction to guard on chain: 2 s, by a pause
      functions paused: 1, each until its own end
      false alerts: 0 on 93 honest transactions
      chain waited for the defence: never
    While the pause is on
        closePosition works: yes
    The protocol's own pause, for comparison
        a trader can close a position: no
    "
  `);
});

test.each([60, 80, 120])(
  "behavior: at %i columns no line is wider, and everything that happened is told",
  (columns) => {
    const text = rendered(columns);
    expect(text.split("\n").filter((line) => line.length > columns)).toEqual([]);
    const words = text.replace(/\s+/g, " ");
    for (const told of [
      "CRITICAL outflow at Vault: Vault paid out 14226 USD",
      "decided propose an action (playbook close-the-exits",
      "planned pause 1 function of Vault until 2023-11-15 04:13:20 UTC",
      "tried on a fork of block 1:",
      "signed guardian Anna",
      "signed guardian Bruno",
      "sent the pause is on its way",
      "PAUSED in block 43: withdraw",
      "refused withdraw the profit",
      "lost without defence: 125,458.00 USD",
      "lost with Testudo: 0.00 USD",
    ])
      expect(words).toContain(told);
    expect(words).toMatch(/saved:? +100\.0 %/);
  },
);

test("behavior: on a terminal the progress is drawn over itself and never wider than the window", () => {
  for (const columns of [20, 60, 120]) {
    const drawn = rendered(columns, true)
      .split(/[\r\n]/)
      .filter((line) => /^ {2}block \d+ of /.test(line));
    expect(drawn).toHaveLength(18);
    expect(drawn.filter((line) => line.length >= columns)).toEqual([]);
  }
});

test("behavior: for --json the stages are told and nothing is drawn", () => {
  const told: string[] = [];
  play(quietView((text) => void told.push(text)));
  expect(told.map((text) => text.trim())).toEqual([
    "Without defence: thin-liquidity pump by colluding accounts on Perpetual Protocol v2, seed 1",
    "With Testudo, on the same seed",
    "deploying the protocol behind the gates, the council and a Safe",
    "the chain waited for the defence: 0 ms",
  ]);
});

test("behavior: several attacks are told as a table in a wide window and as words in a narrow one", () => {
  const [curie] = card.scenarios;
  const bounded = {
    ...curie!,
    name: "14_OutflowDrip",
    naive: { lossUsd: 1_500_000 },
    defended: { lossUsd: 50_000, boundUsd: 75_000 },
    pausedBlock: null,
    remediation: { guard: null, guardSeconds: null, ruleMs: null, upgrade: null, upgradeMs: null },
    pausedSelectors: [],
  };
  const many = toScorecard(1, [
    curie!,
    bounded,
    { ...bounded, name: "15_InflowCredit", defended: { lossUsd: 80_000, boundUsd: 75_000 } },
  ]);
  const drawn = (columns: number) => {
    let text = "";
    const view = terminalView((part) => (text += part), { isTty: false, color: false, columns: () => columns });
    view.card(many, beside);
    return text;
  };
  expect(drawn(120)).toMatchInlineSnapshot(`
    "
    Scorecard
      attack           without USD  with USD  at most  s to guard  s to upgrade  false alerts
      curie-thin-pump      125,458         0        -           2             -          0/93  ok
      14_OutflowDrip     1,500,000    50,000   75,000           -             -          0/93  ok
      15_InflowCredit    1,500,000    80,000   75,000           -             -          0/93  NO
      3 attacks: 3,125,458.00 USD without, 130,000.00 USD with Testudo
      mean time to a guard 2.0 s, to a verified upgrade proposal -
      chain waited for the defence                      never
    "
  `);
  expect(drawn(60)).toMatchInlineSnapshot(`
    "
    Scorecard
      curie-thin-pump: without USD 125,458, with USD 0, at most
               -, s to guard 2, s to upgrade -, false alerts
               0/93, ok
      14_OutflowDrip: without USD 1,500,000, with USD 50,000, at
               most 75,000, s to guard -, s to upgrade -, false
               alerts 0/93, ok
      15_InflowCredit: without USD 1,500,000, with USD 80,000,
               at most 75,000, s to guard -, s to upgrade -,
               false alerts 0/93, NO
      3 attacks: 3,125,458.00 USD without, 130,000.00 USD with
               Testudo
      mean time to a guard 2.0 s, to a verified upgrade proposal
               -
      chain waited for the defence: never
    "
  `);
});

test("behavior: what a bounded attack took without an alert, and that nothing was paused, is told as it is", () => {
  const [curie] = card.scenarios;
  const drawn = (lossUsd: number) => {
    let text = "";
    const view = terminalView((part) => (text += part), { isTty: false, color: false, columns: () => 120 });
    const score = {
      ...curie!,
      defended: { lossUsd, boundUsd: 9 },
      alertMs: null,
      pausedBlock: null,
      remediation: { guard: null, guardSeconds: null, ruleMs: null, upgrade: null, upgradeMs: null },
      pausedSelectors: [],
    };
    view.card(toScorecard(1, [score]), beside);
    return text;
  };
  expect(drawn(0)).toContain("no alert: nothing was taken");
  expect(drawn(5)).toMatch(/block received to alert +no alert\n/);
  expect(drawn(5)).toContain("After the attack, with nothing paused");
  expect(drawn(5)).not.toContain("While the pause is on");
});
