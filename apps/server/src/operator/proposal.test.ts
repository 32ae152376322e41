import type { Action, PauseAction } from "@testudo/core/model/Action";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { hashOf, identify } from "@testudo/core/model/Record";
import type { TypedDataDefinition } from "viem";
import { hashTypedData, recoverTypedDataAddress } from "viem/utils";
import { expect, test } from "vitest";
import { localSigner } from "../keystore/localSigner.ts";
import { attackCallName } from "./attackCallName.ts";
import { assertSignable } from "./checkProposal.ts";
import { describeProposal } from "./describeProposal.ts";
import { openSelectorNames } from "./namesOfSelector.ts";
import { type Proposal, parseProposal } from "./Proposal.ts";
import { toTypedMessage } from "./toTypedMessage.ts";

const now = 1_800_000_000n;
const target = `0x${"ab".repeat(20)}` as const;
const council = `0x${"c0".repeat(20)}` as const;

const cause = (name: string) =>
  identify({ kind: "Finding", from: [], severity: "critical", detector: name, reason: `${name} was seen` });
const anomaly = cause("flash-loan");
const damage = cause("asset-drain");

function actionWith(change: Partial<PauseAction> = {}): PauseAction {
  return identify({
    kind: "Action" as const,
    from: [hashOf("decision")],
    type: "pause" as const,
    chainId: 31337,
    council,
    target,
    selectors: ["0x2e1a7d4d", "0x12345678"] as const,
    until: now + 21_600n,
    reason: hashOf("stop-exits"),
    evidence: hashOf("decision"),
    deadline: now + 600n,
    incident: hashOf("incident"),
    anomaly: anomaly.id,
    damage: damage.id,
    quorum: 2,
    playbook: "stop-exits",
    ...change,
  });
}

function simulationOf(action: Action, change: object = {}) {
  return identify({
    kind: "Simulation",
    from: [action.id],
    action: action.id,
    passed: true,
    blockNumber: 120n,
    blockHash: hashOf("block"),
    calls: [
      { name: attackCallName, expect: "reverts", succeeded: false, detail: "Breaker_Paused" },
      { name: "a user closes", expect: "succeeds", succeeded: true, detail: "" },
    ],
    note: "the attack is stopped",
    ...change,
  });
}

/** An element of GET /actions, as it comes over the wire. */
function wire(action: Action = actionWith(), more: { simulation?: unknown; state?: string } = {}) {
  const { simulation = simulationOf(action), state = "simulated" } = more;
  const body = {
    action,
    status: { kind: "ActionStatus", state },
    simulation,
    approvals: [],
    typedData: { primaryType: "Evil" },
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests change fields of it
  return JSON.parse(canonicalJson(body)) as any;
}

function refusalOf(body: unknown, pins: Parameters<typeof assertSignable>[1] = {}, at = now): string {
  try {
    assertSignable(parseProposal(body), pins, at);
  } catch (error) {
    return (error as Error).message;
  }
  return "signed";
}

test("behavior: a whole proposal may be signed, up to its deadline", () => {
  expect(refusalOf(wire(), { council: council.toUpperCase().replace("0X", "0x"), chainId: 31337 })).toBe("signed");
  expect(refusalOf(wire(), {}, now + 600n)).toBe("signed");
});

const tampering: readonly [string, (body: ReturnType<typeof wire>) => void][] = [
  [
    "another target",
    (body) => {
      body.action.target = `0x${"ee".repeat(20)}`;
    },
  ],
  [
    "one more selector",
    (body) => {
      body.action.selectors.push("0xd0e30db0");
    },
  ],
  [
    "a longer pause",
    (body) => {
      body.action.until = String(now + 30_000n);
    },
  ],
  [
    "another council",
    (body) => {
      body.action.council = `0x${"ee".repeat(20)}`;
    },
  ],
  [
    "another chain",
    (body) => {
      body.action.chainId = 1;
    },
  ],
  [
    "a smaller quorum",
    (body) => {
      body.action.quorum = 1;
    },
  ],
  [
    "another id",
    (body) => {
      body.action.id = hashOf("other");
    },
  ],
];
test.each(tampering)("error: a proposal altered to have %s", (_, alter) => {
  const body = wire();
  alter(body);
  expect(refusalOf(body)).toContain("it was altered");
});

test("error: another chain than the person pinned", () => {
  expect(refusalOf(wire(), { chainId: 1 })).toContain("it is for chain 31337, you named 1");
});

test("error: another council than the person pinned", () => {
  expect(refusalOf(wire(), { council: target })).toContain(`it is for council ${council}, you named ${target}`);
});

test("error: no simulation", () => {
  expect(refusalOf(wire(actionWith(), { simulation: null }))).toContain("it has not been simulated");
});

test("error: a failed simulation", () => {
  const action = actionWith();
  const simulation = simulationOf(action, { passed: false, note: "users cannot close" });
  expect(refusalOf(wire(action, { simulation }))).toContain("its simulation failed: users cannot close");
});

test("error: a failed simulation that was altered to have passed", () => {
  const body = wire(actionWith(), { simulation: simulationOf(actionWith(), { passed: false }) });
  body.simulation.passed = true;
  expect(refusalOf(body)).toContain("its simulation is of another action, or was altered");
});

test("error: another action's simulation", () => {
  const simulation = simulationOf(actionWith({ playbook: "other" }));
  expect(refusalOf(wire(actionWith(), { simulation }))).toContain("its simulation is of another action");
});

test("error: the deadline is over", () => {
  expect(refusalOf(wire(), {}, now + 601n)).toContain("its deadline was 2027-01-15 08:10:00 UTC");
});

test("error: a pause of more than 72 h", () => {
  expect(refusalOf(wire(actionWith({ until: now + 259_201n })))).toContain("more than 72 h");
});

test("error: a pause that would be over already", () => {
  expect(refusalOf(wire(actionWith({ until: now })))).toContain("which is over");
});

test("error: an action that is on its way already", () => {
  expect(refusalOf(wire(actionWith(), { state: "broadcast" }))).toContain("it is broadcast already");
});

test.each([
  [
    "a field that is not of an action",
    (body: ReturnType<typeof wire>) => {
      body.action.transfer = "all";
    },
  ],
  [
    "upper-case bytes",
    (body: ReturnType<typeof wire>) => {
      body.action.target = body.action.target.toUpperCase();
    },
  ],
  [
    "no action",
    (body: ReturnType<typeof wire>) => {
      delete body.action;
    },
  ],
  [
    "no selectors",
    (body: ReturnType<typeof wire>) => {
      body.action.selectors = [];
    },
  ],
])("error: malformed by %s", (_, alter) => {
  const body = wire();
  alter(body);
  expect(() => parseProposal(body)).toThrow("The proposal is malformed at");
});

test("behavior: the message is made from the action, not from what the server calls it", async () => {
  const { action } = parseProposal(wire());
  const message = toTypedMessage(action) as unknown as TypedDataDefinition;
  expect(message.primaryType).toBe("Pause");
  expect(action).toEqual(actionWith());
  const signer = localSigner(`0x${"11".repeat(32)}`);
  const signature = await signer.signTypedData(toTypedMessage(action));
  expect((await recoverTypedDataAddress({ ...message, signature })).toLowerCase()).toBe(signer.address);
});

test("behavior: the digest differs for another chain and another council", () => {
  const digest = (change: Partial<PauseAction>) =>
    hashTypedData(toTypedMessage(actionWith(change)) as unknown as TypedDataDefinition);
  expect(new Set([digest({}), digest({ chainId: 1 }), digest({ council: target })]).size).toBe(3);
});

const shown = (proposal: Proposal) => describeProposal(proposal, openSelectorNames([]), now);

test("behavior: a person sees what the signature allows", () => {
  expect(
    shown(parseProposal(wire(), JSON.parse(canonicalJson([damage, anomaly, cause("unrelated")])))),
  ).toMatchInlineSnapshot(`
    [
      "Pause on chain 31337",
      "  target    0xabababababababababababababababababababab",
      "  function  0x2e1a7d4d  withdraw(uint256)",
      "  function  0x12345678  unknown: compare it with the contract's ABI",
      "  until     2027-01-15 14:00:00 UTC (6 h from now; it ends by itself)",
      "  council   0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0",
      "  sign by   2027-01-15 08:10:00 UTC (10 min left)",
      "  signers   0 of 2 needed",
      "  action    0x056a6ef4f179819e644222c4f934282cf704b312b5eafd22d80e1e87386f05a9",
      "  evidence  0x0807ce842aee519403b764131eee1dc3a4848c949a635ffabbf343abab61198e",
      "  reason    0x0e49911e495876d49767a143411a6ee2faad5037f1977270d28a95220f9b41dc (playbook "stop-exits")",
      "Why",
      "  CRITICAL asset-drain: asset-drain was seen",
      "  CRITICAL flash-loan: flash-loan was seen",
      "Tried on a fork of block 120: passed. the attack is stopped",
      "  ok   the attack's own call reverts: Breaker_Paused",
      "  ok   a user closes succeeds",
      "Nothing else: no funds move.",
    ]
  `);
});

test("RESP-03: a trial that replayed nothing of the attack is shown with a warning", () => {
  const action = actionWith();
  const calls = [{ name: "pausing 0x2e1a7d4d", expect: "succeeds", succeeded: true, detail: "" }];
  const linesOf = (change: object) => shown(parseProposal(wire(action, { simulation: simulationOf(action, change) })));
  expect(linesOf({ calls }).filter((line) => line.startsWith("WARNING"))).toEqual([
    "WARNING: nothing of the attack was played again. The trial shows that the pause can be set, not that it stops anything.",
  ]);
  expect(linesOf({}).filter((line) => line.startsWith("WARNING"))).toEqual([]);
});

test("behavior: text of the server cannot forge a line or a colour", () => {
  const action = actionWith({ playbook: "p\n  target    0xgood" });
  const simulation = simulationOf(action, { note: "fine\u001b[31m\u202e\nSigned" });
  const lines = shown(parseProposal(wire(action, { simulation })));
  expect(lines.filter((line) => line.startsWith("  target"))).toEqual([`  target    ${target}`]);
  expect(lines.join("")).not.toMatch(/\p{C}/u);
});
