import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { toLower } from "@testudo/core/model/Hex";
import type { Abi, Address, Hex, LocalAccount } from "viem";
import { decodeFunctionResult, encodeDeployData, encodeFunctionData, getContractAddress } from "viem/utils";
import { type Call, type ChainSession, execute, rpc } from "../curie/ChainSession.ts";
import { type Build, suiteBuild } from "./attackSuite.ts";

/** The honest people's hand, which owns the world, and the attacker. Accounts that the drill itself does not use. */
export const director = anvilAccount(2);
export const attacker = anvilAccount(3);

// Deploying all the modules at once, as no chain would take it.
const worldGas = 100_000_000n;
const callGas = 20_000_000n;

/** A contract that stands, to be called by name. */
export type Standing = { readonly address: Address; readonly abi: Abi };

/** Deploys `contract` of the suite from `from`, in a block of its own. */
export async function deploy(
  session: ChainSession,
  from: LocalAccount,
  contract: string,
  args: readonly unknown[],
): Promise<Standing> {
  return deployBuild(session, from, suiteBuild(contract), args);
}

/** The same for what was compiled elsewhere. */
export async function deployBuild(
  session: ChainSession,
  from: LocalAccount,
  { abi, bytecode }: Build,
  args: readonly unknown[],
): Promise<Standing> {
  const nonce = BigInt(await rpc<Hex>(session.client, "eth_getTransactionCount", [from.address, "pending"]));
  const data = encodeDeployData({ abi, bytecode, args: [...args] });
  await execute(session, [{ from, data, gas: worldGas }], "a contract of the suite");
  return { abi, address: toLower(getContractAddress({ from: from.address, nonce })) };
}

/** A call of `name`, ready to be sent. */
export function callOf(from: LocalAccount, to: Standing, name: string, args: readonly unknown[] = []): Call {
  const data = encodeFunctionData({ abi: to.abi, functionName: name, args: [...args] });
  return { from, to: to.address, data, gas: callGas };
}

/** What `name` answers now, to `from` where it matters who asks. */
export async function ask<T>(
  session: ChainSession,
  to: Standing,
  name: string,
  args: readonly unknown[] = [],
  from?: Address,
): Promise<T> {
  const data = encodeFunctionData({ abi: to.abi, functionName: name, args: [...args] });
  const answer = await rpc<Hex>(session.client, "eth_call", [
    { ...(from ? { from } : {}), to: to.address, data },
    "latest",
  ]);
  return decodeFunctionResult({ abi: to.abi, functionName: name, data: answer }) as T;
}
