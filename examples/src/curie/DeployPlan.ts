import type { Address, Hex, LocalAccount } from "viem";
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem/utils";
import { type Call, type ChainSession, execute, rpc } from "./ChainSession.ts";
import type { Build } from "./curieArtifacts.ts";

/** Collects one account's transactions; addresses are known before they are mined, from the nonce. */
export type DeployPlan = {
  deploy(build: Build, args?: readonly unknown[]): Address;
  call(build: Pick<Build, "abi">, to: Address, functionName: string, args?: readonly unknown[]): void;
  /** The address of what the transaction after `count` more would deploy. */
  ahead(count: number): Address;
  /** Sends what was collected and waits for it. */
  flush(what: string): Promise<void>;
};

const deployGas = 9_000_000n;

/** A plan for `from`, whose next nonce is the chain's. */
export async function openPlan(session: ChainSession, from: LocalAccount): Promise<DeployPlan> {
  await loadNonce(session, from);
  let calls: Call[] = [];
  const ahead = (count: number) => {
    const nonce = BigInt(session.nonces.get(from.address)! + calls.length + count);
    return getContractAddress({ from: from.address, nonce });
  };
  return {
    ahead,
    deploy(build, args = []) {
      const address = ahead(0);
      calls.push({ from, data: encodeDeployData({ abi: build.abi, bytecode: build.bytecode, args }), gas: deployGas });
      return address;
    },
    call(build, to, functionName, args = []) {
      calls.push({ from, to, data: encodeFunctionData({ abi: build.abi, functionName, args }), gas: deployGas });
    },
    async flush(what) {
      const batch = calls;
      calls = [];
      await execute(session, batch, what);
    },
  };
}

/** Takes the account's nonce from the chain, after somebody else sent for it. */
export async function loadNonce(session: ChainSession, { address }: LocalAccount): Promise<void> {
  const count = await rpc<Hex>(session.client, "eth_getTransactionCount", [address, "latest"]);
  session.nonces.set(address, Number(count));
}
