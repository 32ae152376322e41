// Where a contract of a plan comes from, by the chain: a nonce is used once, so that the one transaction with the deployer's
// nonce says for ever what was created at its address.

import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Fields, toBigint, toBytes, toFields, toList } from "@testudo/chain/wire/parseField";
import * as contracts from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { toHex } from "viem/utils";
import { hasCode } from "./askChain.ts";
import type { Plan, PlannedContract } from "./Plan.ts";

/** What the chain says of the creation of a contract. */
export type Origin =
  | { readonly kind: "absent" }
  | { readonly kind: "created"; readonly block: bigint }
  /** Something else than the file's contract stands there, or nobody knows what. */
  | { readonly kind: "foreign"; readonly why: string };

/** The origin of each contract of `plan`, in their order. `codes`: creation code by name, as the file asks for it now. */
export function findOrigins(
  endpoint: Endpoint,
  { deployer, contracts: planned }: Plan,
  codes: ReadonlyMap<string, Hex>,
): Promise<readonly Origin[]> {
  return Promise.all(planned.map((contract) => originOf(endpoint, deployer, contract, codes.get(contract.name))));
}

async function originOf(
  endpoint: Endpoint,
  deployer: Hex,
  contract: PlannedContract,
  code: Hex | undefined,
): Promise<Origin> {
  if (!(await hasCode(endpoint, contract.address))) return { kind: "absent" };
  const isCreation = ({ from, nonce, to, blockNumber }: Fields) =>
    from === deployer && BigInt(nonce as Hex) === BigInt(contract.nonce) && !to && typeof blockNumber === "string";
  const found = (await byHash(endpoint, contract, isCreation)) ?? (await inBlock(endpoint, contract, isCreation));
  if (found === undefined)
    return { kind: "foreign", why: `the node knows no transaction with nonce ${contract.nonce} of ${deployer} for it` };
  const source = { method: "eth_getTransactionByHash", endpoint: endpoint.label };
  const input = toBytes(source, "input", found.input);
  if (code !== undefined && !isMadeFrom(input, code))
    return { kind: "foreign", why: "it was created from another code than this version has for it" };
  return { kind: "created", block: toBigint(source, "blockNumber", found.blockNumber) };
}

type IsCreation = (transaction: Fields) => boolean;

async function byHash(
  endpoint: Endpoint,
  { transactions }: PlannedContract,
  isCreation: IsCreation,
): Promise<Fields | undefined> {
  const method = "eth_getTransactionByHash";
  const answers = await endpoint.batch(transactions.map(({ hash }) => ({ method, params: [hash] })));
  return answers
    .flatMap((answer) => {
      if (!answer.ok) throw answer.error;
      return answer.result === null
        ? []
        : [lower(toFields({ method, endpoint: endpoint.label }, "result", answer.result))];
    })
    .find(isCreation);
}

// Nodes forget which block has a hash after a year or so; the block itself they keep.
async function inBlock(
  endpoint: Endpoint,
  { block }: PlannedContract,
  isCreation: IsCreation,
): Promise<Fields | undefined> {
  if (block === undefined) return undefined;
  const source = { method: "eth_getBlockByNumber", endpoint: endpoint.label };
  const answer = await endpoint.request("eth_getBlockByNumber", [toHex(block), true]);
  if (answer === null) return undefined;
  const list = toList(source, "transactions", toFields(source, "result", answer).transactions);
  return list.map((item) => lower(toFields(source, "transaction", item))).find(isCreation);
}

function lower(transaction: Fields): Fields {
  const { from } = transaction;
  return { ...transaction, from: typeof from === "string" ? from.toLowerCase() : from };
}

// What a constructor was given may have changed since by the timelock, and is compared value by value; the code may not.
function isMadeFrom(input: Hex, code: Hex): boolean {
  if (input === code) return true;
  const own = bytecodes.find((bytecode) => code.startsWith(bytecode));
  return own !== undefined && input.startsWith(own);
}

// The longest first: one may begin like another.
const bytecodes: readonly string[] = Object.values(contracts)
  .flatMap((contract) => ("bytecode" in contract && contract.bytecode.length > 2 ? [contract.bytecode] : []))
  .sort((a, b) => b.length - a.length);
