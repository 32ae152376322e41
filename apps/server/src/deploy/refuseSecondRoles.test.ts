import { expect, test } from "vitest";
import { accountsOf } from "./accountsOf.ts";
import { allModules } from "./allModules.testkit.ts";
import { deploymentSchema } from "./deploymentSchema.ts";
import type { NamedAccount, RoleKind } from "./NamedAccount.ts";
import { type Draft, put, refusals } from "./refusals.testkit.ts";

const executor = `0x${"8".repeat(40)}`;
const named = accountsOf(deploymentSchema.parse(draft()));
// One of each kind.
const roles = [...new Map(named.map((role) => [role.kind, role])).values()];
const pairs = roles.flatMap((first, i) => roles.slice(i + 1).map((second) => [first, second] as const));

const together = new Set<string>([
  "slowWallet executor",
  "slowWallet stewardGuardian",
  "slowWallet owner",
  "executor owner",
  "attestor bridgeAttestor",
] satisfies `${RoleKind} ${RoleKind}`[]);

test("behavior: the example has every role once, and none is refused", () => {
  expect(roles.map(({ kind }) => kind).join(" ")).toBe(
    "guardian slowWallet executor steward stewardGuardian tripper owner arbitrator attestor source bridgeAttestor",
  );
  expect(refusals(draft())).toEqual([]);
});

test.each(pairs.map(([first, second]) => ({ first, second, name: `${first.kind} and ${second.kind}` })))(
  "error: one account as $name is refused with the reason, unless both are the protocol's",
  ({ first, second }) => {
    const said = refusals(withSame(first, second));
    if (together.has(`${first.kind} ${second.kind}`)) return expect(said).toEqual([]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      new RegExp(
        `^${second.path.join(".")}: The .* has a second role: .*Allowed: an account without another role`,
        "s",
      ),
    );
  },
);

test.each(roles.map((role) => ({ role, name: role.kind })))("error: nobody as $name is refused", ({ role }) => {
  const file = draft();
  put(file, role.path, `0x${"0".repeat(40)}`);
  expect(refusals(file).some((line) => line.startsWith(`${role.path.join(".")}: It is the zero address`))).toBe(true);
});

test.each(roles.map((role) => ({ role, name: role.kind })))(
  "error: a program of the chain, or what is protected, as $name is refused",
  ({ role }) => {
    const file = draft();
    put(file, role.path, `0x${"0".repeat(39)}9`);
    expect(refusals(file)[0]).toContain("Nobody has its key");
    put(file, role.path, file.protect[0].address);
    expect(refusals(file)[0]).toContain("is the protected contract Vault");
  },
);

function draft(): Draft {
  const file: Draft = structuredClone(allModules());
  file.timelock.executors = [executor];
  return file;
}

function withSame(first: NamedAccount, second: NamedAccount): Draft {
  const file = draft();
  put(file, second.path, first.account);
  return file;
}
