import { fileURLToPath } from "node:url";
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { compile } from "@testudo/contracts/compile";
import type { Finding } from "@testudo/core/model/Finding";
import type { Address, Hex } from "viem";
import { createTestClient, http, publicActions, walletActions } from "viem";
import { parseAbi } from "viem/utils";
import type { PreparedIncident } from "../incidents/runIncident.ts";
import { judgeBundle, openWatch } from "./judgeBundle.ts";

const GAS_LIMIT = 30_000_000n;

/** Calls that `Batch.sol` makes in a row. */
export const batchAbi = parseAbi([
  "struct Call { address to; uint256 value; bytes data; }",
  "function run(Call[] calls) payable",
]);

/** The creation code of `Batch.sol`, a contract such as a user deploys for himself. */
export function batchCode(): Hex {
  // Solidity is not copied into the build, so the path leads back to the source from there too.
  return compile([fileURLToPath(new URL("../../src/judged/Batch.sol", import.meta.url))]).Batch!.bytecode;
}

/** A user on the recorded state before an attack, and a watcher that sees each block that the user's transactions make. */
export interface HonestUser {
  readonly address: Address;
  /** Sends one transaction in a block of its own and returns what the watcher says about it. Throws when it fails. */
  send(tx: {
    to: Address | null;
    data: Hex;
    value?: bigint;
  }): Promise<{ created: Address | null; findings: Finding[] }>;
  close(): void;
}

/** A user with 10,000 coins of the chain, who is not the attacker, and a new watcher of the incident's victim. */
export async function honestUser(prepared: PreparedIncident): Promise<HonestUser> {
  const client = createTestClient({ mode: "anvil", transport: http(prepared.rpcUrl) })
    .extend(publicActions)
    .extend(walletActions);
  const endpoint = openEndpoint(prepared.rpcUrl, { timeoutMs: 60_000 });
  const address = (await client.getAddresses())[1]!;
  const watch = openWatch(prepared.chainId, prepared.protect);
  return {
    address,
    close: endpoint.close,
    async send(tx) {
      const hash = await client.sendTransaction({ account: address, chain: null, gas: GAS_LIMIT, ...tx });
      await client.mine({ blocks: 1 });
      const { status, blockNumber, contractAddress } = await client.getTransactionReceipt({ hash });
      if (status !== "success") throw new HonestCallFailed(hash);
      const bundle = await fetchBundle(endpoint, blockNumber, ["X", "L", "T"]);
      const findings = await judgeBundle(watch, bundle, openStateReader([endpoint]));
      return { created: contractAddress ?? null, findings };
    },
  };
}

/** A user's transaction did not succeed on the recorded state. */
export class HonestCallFailed extends Error {
  override readonly name = "HonestCallFailed";
  constructor(hash: Hex) {
    super(
      [
        `Transaction ${hash} reverted.`,
        "- It must succeed on the state before the attack.",
        "- Trace it; the recorded state may lack what it reads.",
      ].join("\n"),
    );
  }
}
