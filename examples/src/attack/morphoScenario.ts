// Morpho Blue with a market whose oracle is a thin pool's price of the moment, for a search that begins from its state.
import type { Address } from "@testudo/core/model/Hex";
import { openGround } from "@testudo/lab/raid/openGround";
import { recordedAccounts } from "@testudo/lab/raid/toCapsule";
import type { Abi, Hex } from "viem";
import { erc20Abi } from "viem";
import { encodeAbiParameters, encodeDeployData, encodeFunctionData, keccak256 } from "viem/utils";
import { lltv } from "../morpho/deployMorpho.ts";
import { poolWhole, thin, usdc } from "../morpho/listPair.ts";
import { morphoBuild, ownBuild } from "../morpho/morphoArtifacts.ts";
import type { NaiveScenario } from "./naiveScenarios.ts";

const deployer: Address = "0x00000000000000000000000000000000d10ec705";
const gas = 1n << 36n;
const wad = 10n ** 18n;
const header = { number: 100n, timestamp: 1_800_000_000n, baseFeePerGas: 0n, gasLimit: 30_000_000n } as const;
/** What lenders supplied. */
const supplied = usdc(1_000_000);

interface Stood {
  readonly address: Address;
  readonly abi: Abi;
}

export async function morphoScenario(): Promise<NaiveScenario> {
  const rich = { balance: 10n ** 24n, nonce: 0n, code: "0x" as const, storage: new Map() };
  const ground = { name: "morpho", chainId: 31_337, hardfork: "cancun", block: header };
  const engine = await openGround({ ...ground, accounts: new Map([[deployer, rich]]) });
  const send = (to: Address | null, data: Hex): Address | undefined => {
    const done = engine.call({ from: deployer, to, input: new Uint8Array(Buffer.from(data.slice(2), "hex")), gas });
    if (!done.succeeded)
      throw new Error(`The market does not stand: ${done.error} ${Buffer.from(done.output).toString("hex")}.`);
    return done.created ?? undefined;
  };
  const deploy = (
    { abi, bytecode }: { readonly abi: Abi; readonly bytecode: Hex },
    args: readonly unknown[] = [],
  ): Stood => ({
    abi,
    address: send(null, encodeDeployData({ abi, bytecode, args }))!,
  });
  const call = ({ address, abi }: Stood, functionName: string, args: readonly unknown[]): void =>
    void send(address, encodeFunctionData({ abi, functionName, args }));

  const [money, asset] = [deploy(ownBuild("Coin"), ["USDC", 6]), deploy(ownBuild("Coin"), ["THIN", 18])];
  const pool = deploy(ownBuild("SpotPool"), [asset.address, money.address]);
  call(money, "mint", [pool.address, usdc(poolWhole)]);
  call(asset, "mint", [pool.address, thin(poolWhole)]);
  const morpho = deploy(morphoBuild("Morpho"), [deployer]);
  const irm = deploy(morphoBuild("IrmMock"));
  call(morpho, "enableIrm", [irm.address]);
  call(morpho, "enableLltv", [lltv]);
  const oracle = deploy(ownBuild("SpotOracle"), [pool.address]);
  const params = {
    loanToken: money.address,
    collateralToken: asset.address,
    oracle: oracle.address,
    irm: irm.address,
    lltv,
  };
  call(morpho, "createMarket", [params]);
  call(money, "mint", [deployer, supplied]);
  call(money, "approve", [morpho.address, supplied]);
  call(morpho, "supply", [params, supplied, 0n, deployer, "0x"]);
  const word = { type: "address" } as const;
  const id = keccak256(
    encodeAbiParameters(
      [word, word, word, word, { type: "uint256" }],
      [params.loanToken, params.collateralToken, params.oracle, params.irm, lltv],
    ),
  );
  return {
    capsule: { ...ground, accounts: recordedAccounts(engine) },
    scenario: {
      contracts: [
        { name: "morpho", ...morpho },
        { name: "pool", ...pool },
        { name: "oracle", ...oracle },
        { name: "USDC", address: money.address, abi: erc20Abi },
        { name: "THIN", address: asset.address, abi: erc20Abi },
      ],
      assets: [
        { name: "USDC", token: money.address, decimals: 6, priceWad: wad, capital: usdc(200_000) },
        { name: "THIN", token: asset.address, decimals: 18, priceWad: wad, capital: thin(20_000) },
      ],
      accounts: 1,
      keys: [],
      powers: [],
      addresses: [deployer],
      words: [id],
      mostSeconds: 3_600,
      guardians: [],
      figures: [],
    },
  };
}
