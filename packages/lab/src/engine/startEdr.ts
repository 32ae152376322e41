// EDR, the engine inside Hardhat, in this process. It comes as a binary of 30 MB for each platform and is loaded when it is
// first asked for; who does not need it does without.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EdrContext, MineOrdering, Provider, ProviderConfig } from "@nomicfoundation/edr";
import { fromHex } from "../record/bytes.ts";
import { type DevNode, DevNodeRefused, type NodeOrigin } from "./DevNode.ts";

type Edr = typeof import("@nomicfoundation/edr");

const names: { readonly [hardfork: string]: string } = {
  byzantium: "Byzantium",
  constantinople: "Constantinople",
  petersburg: "Petersburg",
  istanbul: "Istanbul",
  berlin: "Berlin",
  london: "London",
  paris: "Merge",
  shanghai: "Shanghai",
  cancun: "Cancun",
  prague: "Prague",
  osaka: "Osaka",
};

let loaded: Promise<{ readonly edr: Edr; readonly context: EdrContext }> | undefined;

/** Starts EDR on `origin`. Throws `EdrMissing`, or `RulesUnknownToEdr`. */
export async function startEdr(origin: NodeOrigin): Promise<DevNode> {
  const hardfork = nameOf(origin);
  loaded ??= load();
  const { edr, context } = await loaded;
  // It keeps what it is told by address and port, in the working folder unless told otherwise; the next state that is
  // served there would be mixed with this one.
  const cacheDir = mkdtempSync(join(tmpdir(), "testudo-edr-"));
  const clean = () => rmSync(cacheDir, { recursive: true, force: true });
  try {
    const provider = await context.createProvider(
      edr.L1_CHAIN_TYPE,
      settingsOf(origin, hardfork, edr.MineOrdering.Fifo, cacheDir),
      { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
      { subscriptionCallback: () => {} },
      new edr.ContractDecoder(),
    );
    return {
      request: (method, params) => ask(provider, method, params),
      // A provider ends with the last that knows it.
      close: async () => clean(),
      keepsNonces: true,
      randaoMethod: "hardhat_setPrevRandao",
    };
  } catch (error) {
    clean();
    throw error;
  }
}

function settingsOf(
  { url, block }: NodeOrigin,
  hardfork: string,
  order: MineOrdering,
  cacheDir: string,
): ProviderConfig {
  const chainId = BigInt(block.chainId);
  return {
    allowBlocksWithSameTimestamp: true,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: false,
    bailOnTransactionFailure: false,
    chainId,
    coinbase: fromHex(block.coinbase),
    defaultTransactionGasLimit: 30_000_000n,
    genesisState: [],
    hardfork,
    initialBaseFeePerGas: block.baseFeePerGas,
    minGasPrice: 0n,
    mining: { autoMine: false, memPool: { order } },
    network: { url, blockNumber: block.number - 1n, cacheDir },
    networkId: chainId,
    observability: {},
    ownedAccounts: [],
    precompileOverrides: [],
    transactionGasCap: false,
  };
}

async function ask(provider: Provider, method: string, params: readonly unknown[]): Promise<unknown> {
  const { data } = await provider.handleRequest(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const { result, error } = typeof data === "string" ? JSON.parse(data) : data;
  if (error !== undefined) throw new DevNodeRefused(method, String(error.message));
  return result;
}

function nameOf({ hardfork, block }: NodeOrigin): string {
  // What came after Osaka so far changes the price of blobs alone, and that only where some are in excess.
  const isOsaka = hardfork.startsWith("bpo") && (block.excessBlobGas ?? 0n) === 0n;
  const name = names[isOsaka ? "osaka" : hardfork];
  if (name === undefined) throw new RulesUnknownToEdr(hardfork);
  return name;
}

async function load() {
  let edr: Edr;
  try {
    const module = await import("@nomicfoundation/edr");
    edr = (module as { default?: Edr }).default ?? module;
  } catch (cause) {
    loaded = undefined;
    throw new EdrMissing(cause);
  }
  // One for a process: a second one is an error of its maker's.
  const context = new edr.EdrContext();
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  return { edr, context };
}

/** EDR is not installed, or has no binary for this platform. Not retryable. */
export class EdrMissing extends Error {
  override readonly name = "EdrMissing";
  constructor(cause: unknown) {
    super(
      [
        `EDR cannot be loaded: ${cause instanceof Error ? cause.message.split("\n")[0] : cause}.`,
        "- It is not installed with the rest, as it takes 190 MB for the binaries of all platforms.",
        "- Run `npm install @nomicfoundation/edr@0.13.0`, or use anvil.",
      ].join("\n"),
      { cause },
    );
  }
}

/** EDR has no such rules. Not retryable. */
export class RulesUnknownToEdr extends Error {
  override readonly name = "RulesUnknownToEdr";
  constructor(hardfork: string) {
    super(
      [
        `EDR does not know the rules "${hardfork}".`,
        `- It knows ${Object.keys(names).join(", ")}.`,
        "- Use anvil for them.",
      ].join("\n"),
    );
  }
}
