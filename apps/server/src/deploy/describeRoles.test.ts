import { expect, test } from "vitest";
import { allModules, arbitrator, owner, source } from "./allModules.testkit.ts";
import { deploymentSchema } from "./deploymentSchema.ts";
import { describeRoles } from "./describeRoles.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { durationOf } from "./roleWords.ts";

const told = (change: (draft: ReturnType<typeof exampleDeployment>) => void = () => {}) => {
  const draft = exampleDeployment();
  change(draft);
  return new Map(describeRoles(deploymentSchema.parse(draft), undefined).map(({ role, text }) => [role, text]));
};

test("DEPLOY-06: each role is told once, in the figures of the file", () => {
  const roles = told();
  expect([...roles.keys()]).toEqual([
    "one guardian alone",
    "m1: 2 of 3 guardians",
    "m2: 3 of 3 guardians",
    "m3: 3 of 3 guardians",
    "the council's address",
    "a steward's key",
    `the guardian of the stewards 0x${"f".repeat(40)}`,
    "the flow limiter of Vault",
    `the tripper 0x${"6".repeat(40)}`,
    `the slow wallet 0x${"9".repeat(40)}, through the timelock`,
    "the deployer",
    "anyone",
  ]);
  expect(roles.get("m1: 2 of 3 guardians")).toContain("withdraw(uint256), borrow(uint256) of Vault");
  expect(roles.get("m1: 2 of 3 guardians")).toContain("Never repay(uint256) of Vault.");
  expect(roles.get("a steward's key")).toContain(
    "ETH/USD.imr between 10000000000000000 and 1000000000000000000, by 5 %",
  );
});

test("DEPLOY-06: who sets guard rules by himself is told with where", () => {
  const program = { caller: `0x${"7".repeat(40)}`, contract: "Vault" } as const;
  const roles = told((draft) => {
    const programs = ["withdraw(uint256)", "borrow(uint256)"].map((name) => ({ ...program, function: name }));
    Object.assign(draft, { programs });
  });
  expect(roles.get(`the program ${program.caller}`)).toContain(
    "on withdraw(uint256) of Vault; borrow(uint256) of Vault: each for at most 36 h",
  );
});

test("DEPLOY-06: another figure in the file is another figure in the text", () => {
  const limiter = told((d) => {
    d.flow[0]!.tripSeconds = 7_200;
    d.flow[0]!.limits[0]!.tripBps = 7_500;
  }).get("the flow limiter of Vault");
  expect(limiter).toContain("for 2 h when the level is reached (75 % of the cap)");
  const slow = told((d) => {
    d.timelock.delaySeconds = 129_600;
  });
  expect([...slow.values()].filter((text) => text.includes("36 h"))).toHaveLength(2);
});

test("DEPLOY-06: a flow limiter by a share of the balance says that nothing leaves at first, one by an amount does not", () => {
  const limiter = (caps: { capAbs?: bigint; capBpsOfTvl?: number }) =>
    told((d) => {
      const { capAbs: _, ...limit } = d.flow[0]!.limits[0]!;
      d.flow[0]!.limits[0] = { ...limit, ...caps } as (typeof d.flow)[0]["limits"][0];
    }).get("the flow limiter of Vault");
  expect(limiter({ capBpsOfTvl: 1_000 })).toContain(
    "(what is beyond is queued for one window; nothing in its first 1 h)",
  );
  expect(limiter({ capAbs: 5n })).toContain("(what is beyond is queued for one window)");
});

test("DEPLOY-06: bounty, hook, bridge and tripper tell their roles in the figures of the file", () => {
  const draft = allModules();
  draft.bridge[0]!.routes[0]!.tiers[0]!.delaySeconds = 7_200;
  draft.bounty.terms.reserve = 6_543n;
  const roles = new Map(describeRoles(deploymentSchema.parse(draft), undefined).map(({ role, text }) => [role, text]));
  expect([...roles.keys()].slice(9, -3)).toEqual([
    "the tripper of the market ETH/USD",
    "2 of 3 attestors of the bounty vault",
    `the arbitrator ${arbitrator}`,
    `the owner ${owner} of the bounty vault`,
    "whoever proves an exploit of vault-v1",
    `the source ${source} of the program vault-v1`,
    "2 of 3 attestors of the bridge Vault",
    "the guard of the bridge Vault",
  ]);
  expect(roles.get("2 of 3 attestors of the bounty vault")).toContain("10 % of the funds at risk, 1000 to 10000 units");
  expect(roles.get(`the owner ${owner} of the bounty vault`)).toContain("never the reserve of 6543 units");
  expect(roles.get("whoever proves an exploit of vault-v1")).toContain('Pauses the group "exits" for 6 h and no other');
  expect(roles.get("2 of 3 attestors of the bridge Vault")).toContain("from 10 % on after 2 h, from 50 % on after 1 d");
  expect(roles.get("the tripper of the market ETH/USD")).toContain("its last price older than 2 min");
  expect(roles.get("the council's address")).toContain("Hold an announced transfer until 72 h after");
  expect(roles.get(`the slow wallet 0x${"9".repeat(40)}, through the timelock`)).toContain("rotate its attestors");
  expect(roles.get("anyone")).toContain("submit a proof");
});

test("DEPLOY-06: a module that is not there grants nothing", () => {
  const { chainId, protect, council, slowWallet, timelock } = exampleDeployment();
  const file = deploymentSchema.parse({ chainId, protect, council, slowWallet, timelock });
  const texts = describeRoles(file, undefined)
    .map(({ text }) => text)
    .join("\n");
  expect(texts).not.toMatch(/steward|limiter|\bfund\b|market|price|\bloss\b|bounty|attest|proof|bridge|transfer/);
});

test.each([
  [172_800, "2 d"],
  [5_400, "90 min"],
  [61, "61 s"],
])("behavior: %s seconds are %s", (seconds, text) => {
  expect(durationOf(seconds)).toBe(text);
});
