// A small protocol on a local chain, to deploy the defence over: a vault that obeys the breaker to come, a token, two
// price feeds, a handler of requests, and a deployer with a keystore of its own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { compile } from "@testudo/contracts/compile";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData, getContractAddress, toHex } from "viem/utils";
import { newKeystore } from "../keystore/newKeystore.ts";

const mocks = fileURLToPath(new URL("../../../../contracts/src/mocks", import.meta.url));
const cheapCost = { n: 1_024, r: 8, p: 1 };
export const password = "a test's key guards nothing";

/** What stands before the defence. */
export interface World {
  readonly anvil: Anvil;
  readonly node: Endpoint;
  /** Holds keystore, password file and whatever a run writes. */
  readonly folder: string;
  readonly deployer: Address;
  readonly vault: Address;
  readonly token: Address;
  readonly feeds: readonly [Address, Address];
  readonly handler: Address;
  readonly safe: Address;
  /** The generated verifier of a circuit. */
  readonly honk: Address;
  /** A token beside `token`. */
  readonly collateral: Address;
  /** A Safe Harbor agreement. */
  readonly agreement: Address;
  /** A contract that asks the breaker to come (Guarded), and one that only says so. */
  readonly market: Address;
  readonly forgetful: Address;
  readonly send: (from: Address, to: Address, abi: Abi, functionName: string, args: readonly unknown[]) => Promise<Hex>;
  readonly close: () => Promise<void>;
}

/** Writes `config` as a deployment file into a new folder of the world and returns its path. */
export function writeDeployment(folder: string, config: unknown): string {
  const path = join(mkdtempSync(join(folder, "run-")), "testudo.deploy.ts");
  const text = JSON.stringify(config, (_, value) => (typeof value === "bigint" ? `${value}n` : value), 2);
  const source = text.replace(/"(\d+n)"/g, "$1");
  writeFileSync(path, `import { defineDeployment } from "testudo";\n\nexport default defineDeployment(${source});\n`);
  return path;
}

/** Starts the chain and the protocol. */
export async function openWorld(): Promise<World> {
  const anvil = await startAnvil();
  const node = openEndpoint(anvil.url);
  const folder = mkdtempSync(join(tmpdir(), "testudo-deploy-"));
  const deployer = await newKeystore(join(folder, "deployer.json"), password, cheapCost);
  writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  await node.request("anvil_setBalance", [deployer, "0x56bc75e2d63100000"]);
  const names = [
    "MockVault",
    "MockSources",
    "MockHandler",
    "MockPlainToken",
    "MockVerifier",
    "MockMarket",
    "MockForgetfulMarket",
    "MockAgreement",
  ];
  const built = compile(names.map((name) => join(mocks, `${name}.sol`)));
  const [owner] = (await node.request("eth_accounts")) as [Address];
  const create = (name: string, ...args: readonly unknown[]) => {
    const { abi, bytecode } = built[name]!;
    return createdBy(node, owner, encodeDeployData({ abi, bytecode, args }));
  };
  const send: World["send"] = async (from, to, abi, functionName, args) => {
    await node.request("anvil_impersonateAccount", [from]);
    await node.request("anvil_setBalance", [from, "0x8ac7230489e80000"]);
    const data = encodeFunctionData({ abi, functionName, args });
    // With room above the estimate: what is just enough is not enough once the clock has moved on by a second.
    const estimate = BigInt((await node.request("eth_estimateGas", [{ from, to, data }])) as Hex);
    const gas = toHex((estimate * 13n) / 10n);
    const receipt = (await node.request("eth_sendTransactionSync", [{ from, to, data, gas }])) as Receipt;
    const { status, transactionHash: hash } = receipt;
    if (status !== "0x1") throw new Error(`${functionName} failed in transaction ${hash}.`);
    return hash;
  };
  const breaker = toLower(getContractAddress({ from: deployer, nonce: 0n }));
  const feeds = [await create("MockFeed", 8), await create("MockFeed", 8)] as const;
  const world = {
    anvil,
    node,
    folder,
    deployer,
    vault: await create("MockVault", breaker),
    token: await create("MockPlainToken"),
    feeds,
    handler: await create("MockHandler"),
    honk: await create("MockHonk"),
    collateral: await create("MockPlainToken"),
    agreement: await create("MockAgreement", "eip155:31337", `0x${"a".repeat(40)}`),
    market: await create("MockMarket", breaker),
    forgetful: await create("MockForgetfulMarket", breaker),
    safe: await createdBy(node, owner, threeOfMany),
    send,
    close: async () => {
      node.close();
      await anvil.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await freshPrices(world);
  return world;
}

// Answers 3 to every question: a Safe as far as its threshold is asked for.
const threeOfMany: Hex = "0x600a600c600039600a6000f3600360005260206000f3";

/** Gives both feeds a price of now, which on a chain that was moved ahead is later than the clock's. */
export async function freshPrices({ node, feeds, send, token }: Omit<World, "close">): Promise<void> {
  const { timestamp } = (await node.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
  for (const feed of feeds) await send(token, feed, feedAbi, "set", [2_000_00000000n, BigInt(timestamp)]);
}

const feedAbi = [
  {
    type: "function",
    name: "set",
    stateMutability: "nonpayable",
    inputs: [
      { name: "answer", type: "int256" },
      { name: "updatedAt", type: "uint256" },
    ],
    outputs: [],
  },
] as const satisfies Abi;

async function createdBy(node: Endpoint, from: Address, data: Hex): Promise<Address> {
  const receipt = await node.request("eth_sendTransactionSync", [{ from, data, gas: "0xf00000" }]);
  return toLower((receipt as Receipt).contractAddress);
}

interface Receipt {
  readonly status: Hex;
  readonly contractAddress: Address;
  readonly transactionHash: Hex;
}
