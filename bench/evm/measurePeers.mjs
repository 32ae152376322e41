// The peers that run in this process.
import { createRequire } from "node:module";
import { artifact, callData, sender } from "./worlds.mjs";

const peers = createRequire(new URL("../peers/package.json", import.meta.url));
const own = createRequire(new URL("../../packages/evm/package.json", import.meta.url));
const key = `0x${"11".repeat(32)}`;

/** Runs `round` for about `seconds` of processor time; units a second. */
export async function rateOfAsync(round, seconds) {
  const now = () => process.cpuUsage();
  const start = now();
  let units = 0;
  let spent = 0;
  do {
    units += await round();
    const { user, system } = process.cpuUsage(start);
    spent = (user + system) / 1e6;
  } while (spent < seconds);
  return units / spent;
}

/** EDR on `world`: a snapshot, the same transaction, and the way back. */
export async function openEdr({ accounts, at, handler }) {
  const edr = peers("@nomicfoundation/edr");
  const context = new edr.EdrContext();
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  const bytes = (hex) => Buffer.from(hex.slice(2), "hex");
  const genesisState = Object.entries(accounts).map(([address, { balance, nonce, code }]) => ({
    address: bytes(address),
    balance: BigInt(balance),
    nonce: BigInt(nonce),
    ...(code === "0x" ? {} : { code: bytes(code) }),
  }));
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    {
      allowBlocksWithSameTimestamp: true,
      allowUnlimitedContractSize: true,
      bailOnCallFailure: false,
      bailOnTransactionFailure: false,
      chainId: 31_337n,
      coinbase: bytes(`0x${"c0".repeat(20)}`),
      defaultTransactionGasLimit: 16_000_000n,
      genesisState: [...edr.l1GenesisState(edr.l1HardforkFromString("Cancun")), ...genesisState],
      hardfork: "Cancun",
      initialBaseFeePerGas: 1n,
      initialParentBeaconBlockRoot: bytes(`0x${"00".repeat(32)}`),
      minGasPrice: 0n,
      mining: { autoMine: true, memPool: { order: edr.MineOrdering.Fifo }, blockGasLimit: 60_000_000n },
      network: {
        genesisBlockGasLimit: 60_000_000n,
        genesisBlobGas: { gasUsed: 0n, excessGas: 0n },
        genesisBlockTime: BigInt(at.timestamp - 1),
      },
      networkId: 31_337n,
      observability: {},
      ownedAccounts: [key],
      precompileOverrides: [],
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );
  const ask = async (method, ...params) => {
    const { data } = await provider.handleRequest(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    const { result, error } = typeof data === "string" ? JSON.parse(data) : data;
    if (error !== undefined) throw new Error(`EDR answers ${method} with: ${error.message}`);
    return result;
  };
  for (const [address, { storage }] of Object.entries(accounts)) {
    for (const [slot, value] of Object.entries(storage)) {
      await ask("hardhat_setStorageAt", address, `0x${BigInt(slot).toString(16)}`, value);
    }
  }
  const [from] = await ask("eth_accounts");
  await ask("hardhat_setBalance", from, "0x56bc75e2d63100000");
  const data = `0x${Buffer.from(callData(artifact("Handler", "Handler").selectors.enter, 12_345n)).toString("hex")}`;
  const tx = { from, to: handler, data, gas: "0x989680" };
  const hash = await ask("eth_sendTransaction", tx);
  const { status } = await ask("eth_getTransactionReceipt", hash);
  if (status !== "0x1") throw new Error(`EDR's transaction fails: ${status}.`);
  return async () => {
    // As many at once as make the question for the time cheap.
    for (let i = 0; i < 20; i++) {
      const mark = await ask("evm_snapshot");
      await ask("eth_sendTransaction", tx);
      await ask("evm_revert", mark);
    }
    return 20;
  };
}

/** @ethereumjs/evm on the computing contract; a unit is a million gas. */
export async function openEthereumjs() {
  const { createEVM } = own("@ethereumjs/evm");
  const { Common, Hardfork, Mainnet } = own("@ethereumjs/common");
  const { createAddressFromString, hexToBytes } = own("@ethereumjs/util");
  const evm = await createEVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Cancun }) });
  const { creation, selectors } = artifact("Compute", "Compute");
  const caller = createAddressFromString(sender);
  const { createdAddress } = await evm.runCall({ caller, data: hexToBytes(creation), gasLimit: 1n << 40n });
  const data = callData(selectors.work, 200n);
  return async () => {
    const { execResult } = await evm.runCall({ caller, to: createdAddress, data, gasLimit: 1n << 40n });
    if (execResult.exceptionError !== undefined) throw execResult.exceptionError;
    return Number(execResult.executionGasUsed) / 1e6;
  };
}
