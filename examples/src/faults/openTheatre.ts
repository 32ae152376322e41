// The drill's protocol with its defence on a chain that makes a block when it is told: for plays in which the defender is
// killed. All keys are fixed, so that the same seed gives the same blocks.
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { deployDefence, gateCode, planDefence } from "testudo/drill/deployDefence";
import type { Defence, Stage } from "testudo/drill/Scenario";
import { localSigner } from "testudo/keystore/localSigner";
import { decodeEventLog, keccak256, toEventSelector, toHex } from "viem/utils";
import { scenarios } from "../curie/drill.ts";

/** A stage, who defends it, and what the chain says about them. */
export interface Theatre {
  readonly rpcUrl: string;
  readonly endpoint: Endpoint;
  readonly stage: Stage;
  readonly defence: Defence;
  readonly guardians: readonly Signer[];
  readonly chainId: number;
  mine(): Promise<number>;
  blockNumber(): Promise<number>;
  timestamp(): Promise<bigint>;
  pauses(): Promise<readonly Pause[]>;
  close(): Promise<void>;
}

/** One act of the council on chain. */
export interface Pause {
  readonly txHash: Hex;
  readonly blockNumber: number;
  readonly sender: Address;
  /** `target selector` of each function that it paused. */
  readonly tripped: readonly string[];
}

const chainId = 31_337;
const genesisSeconds = 1_750_000_000;

/** Deploys Curie behind gates, council, breaker and Safe. Takes some ten seconds. */
export async function openTheatre(seed: number): Promise<Theatre> {
  const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds });
  try {
    const endpoint = openEndpoint(anvil.url);
    await endpoint.request("anvil_setBlockTimestampInterval", [2]);
    const guardians = ["a", "b", "c"].map((name) => localSigner(keccak256(toHex(`guardian ${name} of a play`))));
    const owners = [5, 6, 7, 8, 9].map((addressIndex) => toLower(anvilAccount(addressIndex).address));
    const scenario = scenarios[0]!;
    const deployer = toLower(anvilAccount().address);
    const planned = planDefence(deployer);
    const roles = await scenario.deploySlowRoles({ rpcUrl: anvil.url, owners, council: planned.council });
    const stage = await scenario.setup({
      rpcUrl: anvil.url,
      seed,
      gateCode: (implementation, initData) => gateCode(implementation, initData, planned.breaker, roles.timelock),
    });
    const addresses = guardians.map(({ address }) => address);
    const defence = await deployDefence(endpoint, deployer, roles, addresses, stage.protect);
    const blockNumber = async () => Number(await endpoint.request("eth_blockNumber"));
    return {
      rpcUrl: anvil.url,
      endpoint,
      stage,
      defence,
      guardians,
      chainId,
      blockNumber,
      timestamp: async () =>
        BigInt(((await endpoint.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex }).timestamp),
      async mine() {
        await endpoint.request("evm_mine");
        return blockNumber();
      },
      pauses: () => readPauses(endpoint, defence),
      async close() {
        endpoint.close();
        await anvil.stop();
      },
    };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

interface Log {
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly topics: [Hex, ...Hex[]];
  readonly data: Hex;
}

const acted = guardianCouncil.abi.find((item) => item.type === "event" && item.name === "CouncilActed")!;

/** Every act of `council`, with what it tripped; acts and trips are logs, so that a call that reverted is none. */
export async function readPauses(
  endpoint: Endpoint,
  { council, breaker }: Pick<Defence, "council" | "breaker">,
): Promise<readonly Pause[]> {
  const logs = async (address: Address) =>
    (await endpoint.request("eth_getLogs", [{ address, fromBlock: "0x0", toBlock: "latest" }])) as Log[];
  const [acts, trips] = [await logs(council), await logs(breaker)];
  const pauses: Pause[] = [];
  for (const act of acts.filter(({ topics }) => topics[0] === toEventSelector(acted as never))) {
    const { from } = (await endpoint.request("eth_getTransactionByHash", [act.transactionHash])) as { from: Address };
    const own = trips.filter((trip) => trip.transactionHash === act.transactionHash);
    pauses.push({
      txHash: act.transactionHash,
      blockNumber: Number(act.blockNumber),
      sender: toLower(from),
      tripped: own.flatMap(trippedBy),
    });
  }
  return pauses;
}

function trippedBy({ topics, data }: Log): string[] {
  const { eventName, args } = decodeEventLog({ abi: circuitBreaker.abi, topics, data });
  return eventName === "Tripped" ? [`${toLower(args.target)} ${args.selector}`] : [];
}
