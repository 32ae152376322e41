// Bounty, hook, bridge and market tripper on a real chain: deployed, set up, verified, and seen to drift.
import { join } from "node:path";
import { bountyRules, bridgeGuard, circuitBreaker, exploitProofHook } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { zeroAddress } from "viem";
import { encodeFunctionData, keccak256, parseAbi, stringToHex } from "viem/utils";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { allModules, attestors } from "./allModules.testkit.ts";
import { ask, implementationSlot } from "./askChain.ts";
import { deployFromFile, type Outcome, prepare } from "./deployFromFile.ts";
import { inspect } from "./inspect.ts";
import { planPath, writePlan } from "./Plan.ts";
import { rehearseCreations } from "./rehearseCreations.ts";
import { addressIn, check, key, keystore, later, open, run, throughTimelock } from "./runs.testkit.ts";
import { freshPrices, openWorld, password, type World, writeDeployment } from "./world.testkit.ts";

const why = { reason: `0x${"0".repeat(64)}`, evidence: `0x${"1".repeat(64)}` } as const;
const mint = parseAbi(["function mint(address, uint256)"]);

let world: World;
let whole: Outcome;
let snapshot: unknown;
const first: Outcome[] = [];
const config = () => allModules({ ...world, slowWallet: key });

beforeAll(async () => {
  world = await openWorld();
  const file = writeDeployment(world.folder, config());
  first.push(await run(world, file));
  await later(world, 86_400);
  await world.send(key, world.token, mint, "mint", [addressIn(first[0]!, "bounty"), 5_000n]);
  whole = await run(world, file);
});
afterAll(() => world.close());
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", [snapshot]);
});

function standing(of: unknown = config()): string {
  const file = writeDeployment(world.folder, of);
  writePlan(planPath(file, 31_337), whole.plan);
  return file;
}

async function driftOf(file = standing()): Promise<readonly string[]> {
  const { rows } = await check(world, file);
  return rows.filter(({ verdict }) => verdict === "drift").map(({ module, field }) => `${module}: ${field}`);
}

const asTimelock = (to: Address, abi: Abi, functionName: string, args: readonly unknown[]) =>
  throughTimelock(world, whole, to, encodeFunctionData({ abi, functionName, args }));

test("behavior: bounty, hook, bridge and tripper stand, are set up and are what the file says", () => {
  const [before] = first;
  // The vault has no money yet: that is told at once, and waits for no timelock.
  const told = before!.verified.rows.filter(({ verdict }) => verdict === "drift");
  expect(told.map(({ module, field, found }) => `${module}: ${field}: ${found}`)).toEqual([
    "bounty: reserve that is there, owed and reserved awards aside: 0",
    "bounty: healthy: free below the largest floor",
  ]);
  const pending = before!.verified.rows.filter(({ verdict }) => verdict === "pending").map(({ module }) => module);
  expect(pending).toEqual(expect.arrayContaining(["rules", "hook", "bridge Vault", "morpho ETH/USD"]));
  expect(whole.verified.rows.filter(({ verdict }) => verdict !== "as expected")).toEqual([]);
  expect(whole.plan.contracts.map(({ name }) => name).slice(12)).toEqual([
    "tripper ETH/USD",
    "rules",
    "bounty",
    "hook",
    "verifier vault-v1",
    "bridge Vault",
    "morpho ETH/USD",
  ]);
});

const read = (to: Address, abi: Abi, functionName: string, args: readonly unknown[]) =>
  ask<never>(world.node, to, abi, functionName, args);

test("DEPLOY-08: words of the file reach the contracts as their numbers: sides, severities, tiers, prices", async () => {
  const guard = addressIn(whole, "bridge Vault");
  const route: Record<string, unknown> = (await read(guard, bridgeGuard.abi, "routeOf", [10n, world.token]))!;
  expect(route).toMatchObject({ side: 1, cap: 1_000n, window: 86_400, tripBps: 9_000 });
  expect(route.tiers).toEqual([
    { aboveBps: 1_000, delay: 3_600 },
    { aboveBps: 5_000, delay: 86_400 },
    { aboveBps: 5_000, delay: 86_400 },
  ]);
  const hook = addressIn(whole, "hook");
  const id = stringToHex("vault-v1", { size: 32 });
  const program: Record<string, unknown> = (await read(hook, exploitProofHook.abi, "programOf", [id]))!;
  expect(program.buckets).toEqual([
    { lossLowerBound: 1_000n, severity: 2 },
    { lossLowerBound: 50_000n, severity: 3 },
  ]);
  const price = await read(addressIn(whole, "rules"), bountyRules.abi, "priceOf", [1, 3]);
  expect(price).toEqual({ floor: 1_000n, cap: 10_000n, bps: 1_000, shareBps: 5_000 });
});

test("DEPLOY-04: other attestors, terms and provers than the file's are named, and a reserve that was paid out", async () => {
  const rules = addressIn(whole, "rules");
  await asTimelock(rules, bountyRules.abi, "setAttestors", [[...attestors.slice(0, 2)], 2, why]);
  await asTimelock(rules, bountyRules.abi, "setProver", [key, true, why]);
  const { terms } = config().bounty;
  const tiers = Object.values(terms.tiers);
  const args = [{ ...terms, bond: terms.bondWei, safeHarborAgreement: zeroAddress, tiers, reserve: 1n }, why];
  await asTimelock(rules, bountyRules.abi, "setTerms", args);
  const transfer = parseAbi(["function transfer(address, uint256)"]);
  await world.send(addressIn(whole, "bounty"), world.token, transfer, "transfer", [key, 1n]);
  expect(await driftOf()).toEqual([
    "rules: attestors",
    "rules: terms in force",
    "rules: provers",
    "bounty: reserve that is there, owed and reserved awards aside",
  ]);
});

test("DEPLOY-04: another program and a verifier that was swapped are named", async () => {
  const hook = addressIn(whole, "hook");
  const id = stringToHex("vault-v1", { size: 32 });
  await asTimelock(hook, exploitProofHook.abi, "setVerifier", [id, world.honk, `0x${"8".repeat(64)}`, why]);
  const { hook: file } = config();
  const other = { ...file.programs[0]!, verifier: world.honk, group: stringToHex("exits", { size: 32 }) };
  const buckets = [{ lossLowerBound: 1n, severity: 3 }];
  await asTimelock(hook, exploitProofHook.abi, "setProgram", [`0x${"4".repeat(64)}`, { ...other, buckets }, why]);
  expect(await driftOf()).toEqual(["hook: program vault-v1", "hook: programs"]);
});

test("DEPLOY-04: a raised cap, a route and an attestor that came later are named", async () => {
  const guard = addressIn(whole, "bridge Vault");
  const [route] = config().bridge[0]!.routes;
  const tiers = [0, 1, 2].map(() => ({ aboveBps: 0, delay: 0 }));
  const wider = { ...route!, side: 1, cap: 2_000n, window: route!.windowSeconds, tiers };
  await asTimelock(guard, bridgeGuard.abi, "setRoute", [10n, world.token, wider, why]);
  await asTimelock(guard, bridgeGuard.abi, "setRoute", [11n, world.token, wider, why]);
  await asTimelock(guard, bridgeGuard.abi, "rotateAttestors", [[key], [], why]);
  expect(await driftOf()).toEqual([
    "bridge Vault: attestors",
    `bridge Vault: route of ${world.token} from and to chain 10`,
    "bridge Vault: routes",
  ]);
});

test("DEPLOY-08: what trips by itself trips its own group and no other, and one that does is named", async () => {
  const breaker = addressIn(whole, "breaker");
  const loans = stringToHex("loans", { size: 32 });
  const trips = (name: string, group: string) =>
    read(breaker, circuitBreaker.abi, "isTripper", [addressIn(whole, name), stringToHex(group, { size: 32 })]);
  for (const name of ["limiter Vault", "tripper ETH/USD", "hook", "bridge Vault"])
    expect([name, await trips(name, "exits"), await trips(name, "loans")]).toEqual([name, true, false]);
  const trippers = [{ caller: addressIn(whole, "hook"), group: loans }];
  const more = { targets: [], groups: [], trippers, programs: [] };
  const data = encodeFunctionData({ abi: circuitBreaker.abi, functionName: "register", args: [more, why] });
  await throughTimelock(world, whole, breaker, data);
  expect(await driftOf()).toEqual([
    `breaker: tripper ${addressIn(whole, "hook")} of group ${loans}`,
    "timelock: registered at the breaker beside the file",
  ]);
});

test("DEPLOY-08: a file that asks for another verifier, silence or panel than what stands is named", async () => {
  const draft = config();
  draft.oracleTrippers[0]!.minSilenceSeconds = 240;
  draft.hook.programs[0]!.honk = world.token;
  draft.bounty.panel.need = 3;
  draft.morpho[0]!.loan.decimals = 6;
  expect(await driftOf(standing(draft))).toEqual([
    "tripper ETH/USD: minSilence",
    "rules: attestors",
    "hook: verifier behind that of vault-v1",
    "morpho ETH/USD: scale",
  ]);
});

test("DEPLOY-09: a run that is stopped before the targets are armed arms them the next time", async () => {
  const other = await openWorld();
  try {
    const file = writeDeployment(other.folder, allModules({ ...other, slowWallet: key }));
    const subject = await open(other, file);
    const { endpoint } = subject.chain;
    const { plan } = await prepare(subject, other.deployer);
    let sent = 0;
    const request: typeof endpoint.request = async (method, params, options) => {
      if (method === "eth_sendRawTransaction" && sent++ === plan.contracts.length) throw new Error("crash");
      return endpoint.request(method, params, options);
    };
    const chain = { ...subject.chain, endpoint: { ...endpoint, request } };
    const stopped = deployFromFile({ ...subject, chain }, other.deployer, () => keystore(other));
    await expect(stopped).rejects.toThrow("crash");
    const unarmed = async () => (await check(other, file)).rows.filter(({ found }) => found === "not armed").length;
    expect(await unarmed()).toBe(6);
    await run(other, file);
    expect(await unarmed()).toBe(0);
  } finally {
    await other.close();
  }
});

test("DEPLOY-11: the face of a market is created once there is a price, by the deployer's key and under its next nonce", async () => {
  const other = await openWorld();
  try {
    const file = writeDeployment(other.folder, allModules({ ...other, slowWallet: key }));
    const path = join(other.folder, "executor.json");
    const executor = await newKeystore(path, password, { n: 1_024, r: 8, p: 1 });
    const { plan } = await run(other, file);
    expect(plan.contracts.map(({ name }) => name)).not.toContain("morpho ETH/USD");
    await later(other, 86_400);
    const said: string[] = [];
    await deployFromFile(await open(other, file, said), executor, () => openKeystore(path, password));
    expect(said).toContainEqual(expect.stringContaining("morpho ETH/USD can be created now: run this again"));
    const waiting = async () => {
      const { rows } = await check(other, file);
      return rows.filter(({ verdict }) => verdict === "pending").map(({ module }) => module);
    };
    expect(await waiting()).toEqual(Array(4).fill("morpho ETH/USD"));
    await other.node.request("evm_increaseTime", [86_400]);
    await other.node.request("evm_mine");
    await expect(run(other, file)).rejects.toThrow("morpho ETH/USD cannot be created: MorphoOracle_NoPrice");
    // Whoever executes is not held up by it.
    await deployFromFile(await open(other, file), executor, () => openKeystore(path, password));
    // The nonce that was meant for it goes elsewhere.
    await other.send(other.deployer, other.token, mint, "mint", [key, 1n]);
    await freshPrices(other);
    const { plan: whole } = await run(other, file);
    expect(whole.contracts.at(-1)).toMatchObject({ name: "morpho ETH/USD", block: expect.any(Number) });
    expect(await waiting()).toEqual([]);
  } finally {
    await other.close();
  }
});

test("DEPLOY-05: terms that name an agreement are tried with it, and refused when it says otherwise", async () => {
  const abi = parseAbi(["function getDetails()"]);
  const data = encodeFunctionData({ abi, functionName: "getDetails" });
  const answer = (await world.node.request("eth_call", [{ to: world.agreement, data }, "latest"])) as Hex;
  const rehearse = async (termsHash: Hex) => {
    const draft = allModules({ ...world, slowWallet: key });
    const terms = { ...draft.bounty.terms, safeHarborAgreement: world.agreement, termsHash };
    const file = writeDeployment(world.folder, { ...draft, bounty: { ...draft.bounty, terms } });
    const subject = await open(world, file);
    return rehearseCreations(subject.chain, await prepare(subject, world.deployer));
  };
  const { byContract } = await rehearse(keccak256(answer));
  expect(byContract.map(([name]) => name)).toContain("harbor reader");
  await expect(rehearse(`0x${"7".repeat(64)}`)).rejects.toThrow("this fails: rules: ");
});

type Config = ReturnType<typeof allModules>;

async function complaints(change: (draft: Config) => void, isDevelopment = true): Promise<readonly string[]> {
  const draft = allModules({ ...world, slowWallet: world.safe });
  change(draft);
  const subject = await open(world, writeDeployment(world.folder, draft));
  const { plan, blueprint } = await prepare(subject, world.deployer);
  const { deployment, placeOf } = subject.loaded;
  const chain = { ...subject.chain, isDevelopment };
  const found = await inspect({ chain, deployment, deployer: plan.deployer, addressOf: blueprint.addressOf, placeOf });
  return found.map(({ what, wayOut }) => `${what} ${wayOut}`).filter((text) => !text.includes("names the breaker"));
}

const nowhere: Hex = `0x${"4".repeat(40)}`;

test.each<readonly [string, (draft: Config) => void, string]>([
  [
    "an attestor who deploys",
    (d) => {
      d.bridge[0]!.attestors[0] = world.deployer as never;
    },
    "attestor of the bridge Vault",
  ],
  [
    "a circuit without a verifier",
    (d) => {
      d.hook.programs[0]!.honk = nowhere;
    },
    "has no code",
  ],
  [
    "a target without code",
    (d) => {
      d.hook.programs[0]!.targets[0] = nowhere;
    },
    "has no code",
  ],
  [
    "a proxy in the place of its code",
    (d) => {
      d.hook.programs[0]!.targets[0] = world.handler;
    },
    "is a proxy",
  ],
  [
    "a bounty of no token",
    (d) => {
      d.bounty.asset = nowhere;
    },
    "has no code",
  ],
  [
    "a loan of other decimals",
    (d) => {
      d.morpho[0]!.loan.decimals = 6;
    },
    "decimals is 6",
  ],
  [
    "a collateral without code",
    (d) => {
      d.morpho[0]!.collateral.token = nowhere;
    },
    "has no code",
  ],
  [
    "a bridged token without code",
    (d) => {
      d.bridge[0]!.routes[0]!.token = nowhere;
    },
    "has no code",
  ],
])("error: %s is refused on the chain", async (_, change, text) => {
  await world.node.request("anvil_setStorageAt", [world.handler, implementationSlot, `0x${"1".padStart(64, "0")}`]);
  expect(await complaints(() => {})).toEqual([]);
  expect((await complaints(change))[0]).toContain(text);
});

test("error: the council of the deployment is no arbitrator", async () => {
  const subject = await open(world, writeDeployment(world.folder, config()));
  const { blueprint } = await prepare(subject, world.deployer);
  const council = blueprint.addressOf("council");
  const [said] = await complaints((draft) => {
    draft.bounty.terms.arbitrator = council as never;
  });
  expect(said).toContain("The arbitrator is the council of this deployment.");
});

test("error: one key as owner or arbitrator is refused off a development chain", async () => {
  const said = await complaints(() => {}, false);
  expect(said.filter((text) => text.includes("is a single key")).map((text) => text.slice(0, 20))).toEqual([
    "The owner of the bou",
    "The arbitrator 0xd2d",
  ]);
});

test("error: a bridge's cap above all that it holds is refused", async () => {
  await world.send(key, world.token, mint, "mint", [world.vault, 999n]);
  const said = await complaints((draft) => {
    Object.assign(draft.flow[0]!.limits[0]!, { capAbs: 1n });
  });
  expect(said).toEqual([expect.stringContaining("The cap is 1000 units")]);
});
