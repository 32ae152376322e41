// What is refused once a deployment is looked at beside its chain.
import { parseAbi } from "viem/utils";
import { expect, test } from "vitest";
import { prepare } from "./deployFromFile.ts";
import { eachOnFreshState } from "./eachOnFreshState.testkit.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { inspect } from "./inspect.ts";
import { key, nonceOf, open, run } from "./runs.testkit.ts";
import { type World, writeDeployment } from "./world.testkit.ts";

let world: World;
eachOnFreshState((opened) => {
  world = opened;
});

type Config = ReturnType<typeof exampleDeployment>;

test.each<readonly [string, (config: Config) => void, string]>([
  [
    "a target without code",
    (c) => {
      c.protect[0]!.address = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a function that is not there",
    (c) => {
      c.protect[0]!.guarded.push("drain(uint256)");
    },
    'no function "drain(uint256)"',
  ],
  [
    "a target that obeys nobody",
    (c) => {
      c.protect[0]!.address = world.token;
    },
    "answers no selectorBreaker()",
  ],
  [
    "a way out that is not listed",
    (c) => {
      c.protect[0]!.guarded = ["withdraw(uint256)"];
    },
    'Vault has "borrow(uint256)", which is neither guarded nor exempt',
  ],
  [
    "a delay for a function that the target does not have",
    (c) => {
      c.timelock.selectorDelays.push({ contract: "Vault", function: "drain(uint256)", delaySeconds: 172_800 });
    },
    'Vault has no function "drain(uint256)"',
  ],
  [
    "a delay at an address without code",
    (c) => {
      const contract = `0x${"4".repeat(40)}`;
      c.timelock.selectorDelays.push({ contract, function: "upgradeTo(address)", delaySeconds: 172_800 });
    },
    "has no code",
  ],
  [
    "a feed without code",
    (c) => {
      c.oracle.adapters.first.feed = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a handler without code",
    (c) => {
      c.latency.kinds[0]!.handler = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "an asset without code",
    (c) => {
      c.flow[0]!.limits[0]!.asset = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a model without code",
    (c) => {
      c.steward.invariants[0]!.model = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "the deployer as a guardian",
    (c) => {
      c.council.guardians[0] = world.deployer as never;
    },
    "is the deployer",
  ],
  [
    "the deployer as the steward",
    (c) => {
      c.steward.stewards[0] = world.deployer as never;
    },
    "is the deployer",
  ],
  [
    "the deployer as an executor",
    (c) => {
      Object.assign(c.timelock, { executors: [world.deployer] });
    },
    "is the deployer",
  ],
  [
    "the deployer as the slow wallet",
    (c) => {
      c.slowWallet = world.deployer;
    },
    "is the deployer",
  ],
  [
    "a wallet that needs too few",
    (c) => {
      c.council.guardians.push(`0x${"8".repeat(40)}` as never);
      c.council.m3 = 4;
    },
    "needs 3 signatures",
  ],
  [
    "a contract for a wallet that is no Safe",
    (c) => {
      c.slowWallet = world.token;
    },
    "tells no threshold",
  ],
])("error: %s is refused before anything is sent", async (_, change, text) => {
  const config = exampleDeployment({ ...world, slowWallet: world.safe });
  change(config);
  await expect(run(world, writeDeployment(world.folder, config))).rejects.toThrow(text);
  expect(await nonceOf(world)).toBe(0);
});

test.each<readonly [string, (config: Config) => void, string]>([
  [
    "a key for a Safe",
    (c) => {
      c.slowWallet = key;
    },
    "it is a single key",
  ],
  [
    "a delay of an hour",
    (c) => {
      c.timelock.delaySeconds = 3_600;
    },
    "Allowed: 86400 (24 h) or more",
  ],
])("error: %s is refused off a development chain", async (_, change, text) => {
  const config = exampleDeployment({ ...world, slowWallet: world.safe });
  change(config);
  const subject = await open(world, writeDeployment(world.folder, config));
  const { plan, blueprint } = await prepare(subject, world.deployer);
  const look = (isDevelopment: boolean) =>
    inspect({
      chain: { ...subject.chain, isDevelopment },
      deployment: subject.loaded.deployment,
      deployer: plan.deployer,
      addressOf: blueprint.addressOf,
      placeOf: subject.loaded.placeOf,
    });
  expect(await look(true)).toEqual([]);
  const [mistake] = await look(false);
  expect(`${mistake?.what} ${mistake?.allowed}`).toContain(text);
});

test("error: a cap above all that the contract holds is refused", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  const mint = parseAbi(["function mint(address, uint256)"]);
  await world.send(key, world.token, mint, "mint", [world.vault, config.flow[0]!.limits[0]!.capAbs - 1n]);
  await expect(run(world, writeDeployment(world.folder, config))).rejects.toThrow("Above 100 % of what there is");
  await world.send(key, world.token, mint, "mint", [world.vault, 1n]);
  const file = writeDeployment(world.folder, config);
  expect((await run(world, file)).verified.drift).toBe(0);
  const transfer = parseAbi(["function transfer(address, uint256)"]);
  await world.send(world.vault, world.token, transfer, "transfer", [key, 1n]);
  // What was below when it was deployed holds up nothing later.
  expect((await run(world, file)).settled.state).toBe("waiting");
});
