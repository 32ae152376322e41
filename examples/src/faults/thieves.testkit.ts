// Contracts of Thieves.sol on the till's chain, made by the thief, and probes of them.
import { fileURLToPath } from "node:url";
import { readNextBlock } from "@testudo/chain/block/readNextBlock";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import { compile } from "@testudo/contracts/compile";
import type { StateSource } from "@testudo/core/model/Evm";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { type ProbeLimits, type ProbeResult, probeContract, type SearchGround } from "@testudo/lab/probe/probeContract";
import type { TemplateWords } from "@testudo/lab/probe/templatesOf";
import { encodeDeployData, getContractAddress } from "viem/utils";
import { chainId, openTill, type TillWorld, thiefAddress, tillHolds } from "./till.testkit.ts";

export const thieves = ["KeyThief", "ArmedThief", "QuotaThief", "ShyThief", "HashThief"] as const;
export const burners = ["Burner", "Deep", "Logger", "Pairs"] as const;
const names = [...thieves, ...burners, "Harmless"] as const;
export type ThiefName = (typeof names)[number];
/** What QuotaThief takes. */
const quota = 637_211n;

export interface ProbeChange {
  readonly limits: ProbeLimits;
  readonly sourceOf?: (source: StateSource) => StateSource;
  readonly now: () => number;
  /** Default: the token that the till holds. */
  readonly addresses?: readonly Address[];
}

export interface ThiefWorld {
  readonly till: TillWorld;
  readonly at: ReadonlyMap<ThiefName, Address>;
  groundOf(name: ThiefName): Promise<{ ground: SearchGround; contract: Address; words: TemplateWords }>;
  probe(name: ThiefName, change: ProbeChange): Promise<ProbeResult>;
}

export async function openThieves(): Promise<ThiefWorld> {
  const world = await openTill();
  const made = compile([fileURLToPath(new URL("../../src/faults/Thieves.sol", import.meta.url))]);
  const at = new Map<ThiefName, Address>();
  for (const [nonce, name] of names.entries()) {
    const args = name === "QuotaThief" ? [world.params.till, quota] : [world.params.till];
    const data = encodeDeployData({ ...made[name]!, args });
    await world.endpoint.request("eth_sendTransaction", [{ from: thiefAddress, data, gas: "0x200000" }]);
    await world.mine();
    at.set(name, toLower(getContractAddress({ from: thiefAddress, nonce: BigInt(nonce) })));
  }
  async function groundOf(name: ThiefName) {
    const { hash } = (await world.endpoint.request("eth_getBlockByNumber", ["latest", false])) as {
      readonly hash: Hex;
    };
    const next = await readNextBlock(world.endpoint, hash, { chainId, secondsLater: 2n });
    const ground = { source: openNodeState(world.endpoint, hash), block: { ...next, baseFeePerGas: 0n } };
    // What `readProbeWords` finds here.
    const words = {
      protect: [world.params.till],
      deployer: thiefAddress,
      addresses: [world.params.token],
      amounts: [tillHolds / 2n, tillHolds, tillHolds / 10n],
    };
    return { ground, contract: at.get(name)!, words };
  }
  return {
    till: world,
    at,
    groundOf,
    async probe(name, { limits, now, addresses, sourceOf = (source) => source }) {
      const { ground, contract, words } = await groundOf(name);
      const { source, block } = ground;
      return probeContract({
        ...{ evm: await openEvm(source, block), chainId, contract, block, ...words, now, limits },
        ...(addresses && { addresses }),
        search: { source: sourceOf(source), block },
      });
    },
  };
}
