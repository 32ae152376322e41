// EDR, the engine inside Hardhat, in this process. It comes as a binary of 30 MB for each platform and is loaded when it is
// first asked for; who does not need it does without.

import { fromHex } from "./bytes.ts";
import { type DevNode, DevNodeRefused, type NodeOrigin } from "./DevNode.ts";

type Edr = typeof import("@nomicfoundation/edr");
type EdrContext = InstanceType<Edr["EdrContext"]>;

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
export async function startEdr({ url, block, hardfork }: NodeOrigin): Promise<DevNode> {
  const name = names[hardfork];
  if (name === undefined) throw new RulesUnknownToEdr(hardfork);
  loaded ??= load();
  const { edr, context } = await loaded;
  const chainId = BigInt(block.chainId);
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    {
      allowBlocksWithSameTimestamp: true,
      allowUnlimitedContractSize: true,
      bailOnCallFailure: false,
      bailOnTransactionFailure: false,
      chainId,
      coinbase: fromHex(block.coinbase),
      defaultTransactionGasLimit: 30_000_000n,
      genesisState: [],
      hardfork: name,
      initialBaseFeePerGas: block.baseFeePerGas,
      minGasPrice: 0n,
      mining: { autoMine: false, memPool: { order: edr.MineOrdering.Fifo } },
      network: { url, blockNumber: block.number - 1n },
      networkId: chainId,
      observability: {},
      ownedAccounts: [],
      precompileOverrides: [],
      transactionGasCap: false,
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );
  return {
    async request(method, params) {
      const { data } = await provider.handleRequest(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
      const { result, error } = typeof data === "string" ? JSON.parse(data) : data;
      if (error !== undefined) throw new DevNodeRefused(method, String(error.message));
      return result;
    },
    // A provider ends with the last that knows it.
    close: async () => {},
    keepsNonces: true,
    randaoMethod: "hardhat_setPrevRandao",
  };
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
