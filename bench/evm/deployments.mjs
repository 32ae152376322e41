// The protocols that are measured: three are deployed as the examples do it, on a node whose state is taken over; the pair
// needs no more than its handler. Each handler gets what it needs to act.
import { gunzipSync } from "node:zlib";
import { encodeFunctionData, getContractAddress, parseAbi } from "viem";
import { getCast } from "../../examples/dist/curie/Cast.js";
import { execute, openSession, rpc } from "../../examples/dist/curie/ChainSession.js";
import { deployCurie } from "../../examples/dist/curie/deployCurie.js";
import { createRandom } from "../../examples/dist/curie/Random.js";
import { seedMarket, startPriceWad } from "../../examples/dist/curie/seedMarket.js";
import { openMorphoStage, seedCore } from "../../examples/dist/morpho/morphoStage.testkit.js";
import { callOf, director } from "../../examples/dist/reference/Director.js";
import { deployNaive } from "../../examples/dist/reference/ReferenceWorld.js";
import { startAnvil } from "../../packages/chain/dist/fork/startAnvil.js";

/** Whoever deploys the handlers: the first contract of it. */
export const deployer = "0x00000000000000000000000000000000000d0e01";
export const handler = getContractAddress({ from: deployer, nonce: 0n }).toLowerCase();
const much = 10n ** 13n;
const most = (1n << 256n) - 1n;

/**
 * Worlds by name. `deploy` gives the accounts and the time of a node and the handler's arguments; `begins` is what the handler
 * does before everything, so that whatever is measured finds something to act on.
 */
export const deployments = {
  Pair: { title: "AMM with a vault", deploy: async () => ({ accounts: [], args: "" }), begins: [] },
  Perp: { title: "ReferencePerp", deploy: deployPerp, begins: Array(20).fill(["enter", 999_999_999n]) },
  Curie: { title: "Curie's ClearingHouse", deploy: deployCurieWorld, begins: Array(50).fill(["enter", 999_999_999n]) },
  Morpho: {
    title: "Morpho Blue",
    deploy: deployMorphoWorld,
    begins: [
      ...Array(20).fill(["enter", most]),
      ...Array(5).fill(["adjust", (10n ** 9n - 10n) << 8n]),
      ...Array(5).fill(["trade", 499_999n]),
    ],
  },
};

async function deployPerp() {
  const anvil = await startAnvil({
    noMining: true,
    timestamp: 1_750_000_000,
    args: ["--disable-code-size-limit", "--gas-limit", "500000000"],
  });
  try {
    const session = await openSession(anvil.url);
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    const world = await deployNaive(session, { source: "FEED", hardened: "HardenedWorld" });
    const { perp, usd } = world;
    const money = [callOf(director, world.world, "grant", [handler, much, 0n])];
    return { ...(await stateOf(session, money)), args: words(perp.address, usd.address) };
  } finally {
    await anvil.stop();
  }
}

async function deployCurieWorld() {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  try {
    const session = await openSession(anvil.url);
    const cast = getCast();
    await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
    await rpc(session.client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
    await rpc(session.client, "anvil_setBalance", [cast.deployer.address, "0x3635c9adc5dea00000"]);
    const system = await deployCurie(session, startPriceWad);
    await seedMarket(session, system, cast, createRandom(5));
    const { clearingHouse, vault, usdc, baseToken } = system;
    return {
      ...(await stateOf(session, [mint(cast.deployer, usdc, much)])),
      args: words(clearingHouse, vault, usdc, baseToken),
    };
  } finally {
    await anvil.stop();
  }
}

async function deployMorphoWorld() {
  const stage = await openMorphoStage();
  try {
    await seedCore(stage, stage.system.bare);
    const { params } = stage.system.bare;
    const { session, system, relayer } = stage;
    const { loanToken, collateralToken, oracle, irm, lltv } = params;
    const money = [mint(relayer, loanToken, much), mint(relayer, collateralToken, 10n ** 30n)];
    return {
      ...(await stateOf(session, money)),
      args: words(system.morpho, loanToken, collateralToken, oracle, irm, lltv),
    };
  } finally {
    await stage.close();
  }
}

function mint(from, token, amount) {
  const data = encodeFunctionData({ abi: parseAbi(["function mint(address,uint256)"]), args: [handler, amount] });
  return { from, to: token, data, gas: 100_000n };
}

async function stateOf(session, money) {
  await execute(session, money, "the handler's money");
  const packed = await rpc(session.client, "anvil_dumpState", []);
  const { accounts, block } = JSON.parse(gunzipSync(Buffer.from(packed.slice(2), "hex")).toString());
  return { accounts: Object.entries(accounts), number: BigInt(block.number), timestamp: BigInt(block.timestamp) };
}

const words = (...values) => values.map((value) => BigInt(value).toString(16).padStart(64, "0")).join("");
