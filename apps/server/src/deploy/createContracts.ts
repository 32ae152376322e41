import { describeRevert } from "@testudo/chain/act/readPause";
import {
  balanceOf,
  broadcast,
  bumpFees,
  type FoundReceipt,
  findReceipt,
  nextNonce,
  type PreparedTransaction,
  prepareTransaction,
  signTransaction,
  suggestFees,
  withMargin,
} from "@testudo/chain/act/sendAction";
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { sleep } from "@testudo/chain/rpc/sleep";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { formatEther } from "viem/utils";
import { hasCode } from "./askChain.ts";
import { type FeeLimit, FeesTooHigh } from "./feeLimit.ts";
import type { Chain } from "./openChain.ts";
import type { Plan, PlannedContract } from "./Plan.ts";

/** What creating needs. `save` has to return only when the plan is safe on the disk. */
export interface Creating {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly codes: ReadonlyMap<string, Hex>;
  readonly save: (plan: Plan) => void;
  readonly say: (line: string) => void;
  readonly fees: FeeLimit;
  /** How long to wait for a block with the transaction. Default 10 minutes. */
  readonly patienceMs?: number;
}

/**
 * Creates what of `plan` does not stand, one contract after the other, and returns the plan as it is then. Signed bytes
 * are stored before they are sent, so that a run that is stopped anywhere goes on with the same transaction.
 * Throws NonceSpent, CreationReverted, NotMined, FeesTooHigh, or what the node throws.
 */
export async function createContracts(start: Plan, creating: Creating): Promise<Plan> {
  let plan = start;
  const keep = (index: number, contract: PlannedContract) => {
    plan = { ...plan, contracts: plan.contracts.map((item, i) => (i === index ? contract : item)) };
    creating.save(plan);
  };
  for (const index of plan.contracts.keys()) {
    const contract = plan.contracts[index]!;
    // A reorg can take back what stood: the same bytes then bring it to the same address.
    if (contract.block !== undefined && (await hasCode(creating.chain.endpoint, contract.address))) continue;
    await createOne(contract, creating, (next) => keep(index, next));
  }
  return plan;
}

/**
 * Throws NonceSpent where the first contract that `plan` has to create cannot get its address any more: the deployer's
 * nonce for it is used.
 */
export async function assertNextNonce(endpoint: Endpoint, { deployer, contracts }: Plan): Promise<void> {
  const next = contracts.find(({ block }) => block === undefined);
  // What is signed may be on its way under that nonce.
  if (next !== undefined && next.transactions.length === 0) await assertNonce(endpoint, deployer, next);
}

/**
 * What `account` pays at most for `gas` at the fees of now, in wei, with the margin that is signed. Throws
 * FeesTooHigh where that is more than `maxFee`, NoEther where `account` has less than the estimate alone costs.
 */
export async function assertCanPay(
  endpoint: Endpoint,
  account: Address,
  gas: bigint,
  maxFee: bigint,
): Promise<{ readonly cost: bigint; readonly maxFeePerGas: bigint }> {
  const [{ maxFeePerGas }, balance] = await Promise.all([suggestFees(endpoint), balanceOf(endpoint, account)]);
  if (balance < gas * maxFeePerGas) throw new NoEther(account, balance, gas * maxFeePerGas);
  const cost = withMargin(gas) * maxFeePerGas;
  if (cost > maxFee) throw new FeesTooHigh(cost, maxFee, maxFeePerGas);
  return { cost, maxFeePerGas };
}

async function assertNonce(endpoint: Endpoint, deployer: Address, contract: PlannedContract): Promise<void> {
  const nonce = await nextNonce(endpoint, deployer);
  if (nonce !== contract.nonce) throw new NonceSpent(contract, nonce);
}

async function createOne(
  contract: PlannedContract,
  creating: Creating,
  keep: (contract: PlannedContract) => void,
): Promise<void> {
  const next = await signed(contract, creating);
  // Before it is stored: what is stored is sent by the next run as well.
  for (const { gas, maxFeePerGas } of next.transactions)
    creating.fees.offer(next.nonce, BigInt(gas), BigInt(maxFeePerGas));
  keep(next);
  await resend(next, creating);
  const receipt = await untilMined(next, creating);
  if (!receipt.succeeded) throw new CreationReverted(next, receipt.hash);
  keep({ ...next, block: Number(receipt.blockNumber) });
  creating.say(`${contract.name} stands at ${contract.address} (block ${receipt.blockNumber}, ${receipt.gasUsed} gas)`);
}

// With a transaction, or with one more where those before pay too little by now. It has their nonce and their bytes but
// for the fees: of all of them one can come into the chain.
async function signed(contract: PlannedContract, creating: Creating): Promise<PlannedContract> {
  const { endpoint } = creating.chain;
  const last = contract.transactions.at(-1);
  if (last === undefined) return withTransaction(contract, await signFirst(contract, creating));
  const hashes = contract.transactions.map(({ hash }) => hash);
  if ((await findReceipt(endpoint, hashes)) !== undefined) return contract;
  const raised = bumpFees({
    maxFeePerGas: BigInt(last.maxFeePerGas),
    maxPriorityFeePerGas: BigInt(last.maxPriorityFeePerGas),
  });
  const fees = await suggestFees(endpoint);
  if (fees.maxFeePerGas <= raised.maxFeePerGas) return contract;
  const content = contentOf(contract, creating);
  const maxPriorityFeePerGas =
    fees.maxPriorityFeePerGas > raised.maxPriorityFeePerGas ? fees.maxPriorityFeePerGas : raised.maxPriorityFeePerGas;
  const dearer = { maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas };
  return withTransaction(contract, await signTransaction({ ...content, gas: BigInt(last.gas), fees: dearer }));
}

async function signFirst(contract: PlannedContract, creating: Creating): Promise<PreparedTransaction> {
  const { chain, signer } = creating;
  await assertNonce(chain.endpoint, signer.address, contract);
  if ((await balanceOf(chain.endpoint, signer.address)) === 0n) throw new NoEther(signer.address);
  try {
    return await prepareTransaction({ endpoint: chain.endpoint, ...contentOf(contract, creating) });
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    throw new CreationRefused(contract, error);
  }
}

function contentOf({ name, nonce }: PlannedContract, { chain, signer, codes }: Creating) {
  return { signer, chainId: chain.chainId, data: codes.get(name)!, nonce };
}

function withTransaction(contract: PlannedContract, made: PreparedTransaction): PlannedContract {
  const transaction = {
    hash: made.hash,
    raw: made.raw,
    gas: `${made.gas}`,
    maxFeePerGas: `${made.maxFeePerGas}`,
    maxPriorityFeePerGas: `${made.maxPriorityFeePerGas}`,
  };
  return { ...contract, transactions: [...contract.transactions, transaction] };
}

async function resend(contract: PlannedContract, { chain, signer }: Creating): Promise<void> {
  const said = await broadcast(chain.endpoint, contract.transactions.at(-1)!.raw);
  if (said !== "nonce-too-low") return;
  // Either one of ours is in the chain already, or another transaction has taken their place for ever.
  const hashes = contract.transactions.map(({ hash }) => hash);
  if ((await findReceipt(chain.endpoint, hashes)) !== undefined) return;
  throw new NonceSpent(contract, await nextNonce(chain.endpoint, signer.address));
}

async function untilMined(contract: PlannedContract, { chain, patienceMs = 600_000 }: Creating): Promise<FoundReceipt> {
  const hashes = contract.transactions.map(({ hash }) => hash);
  const end = Date.now() + patienceMs;
  for (;;) {
    const receipt = await findReceipt(chain.endpoint, hashes);
    if (receipt !== undefined) return receipt;
    if (Date.now() > end) throw new NotMined(contract, hashes.at(-1)!);
    await sleep(chain.isDevelopment ? 50 : 2_000);
  }
}

/** The deployer's nonce for a contract was used for something else: its address can never hold it. */
export class NonceSpent extends Error {
  override readonly name = "NonceSpent";
  constructor({ name, address, nonce }: PlannedContract, next: number) {
    super(
      `${name} was planned for nonce ${nonce} of the deployer, whose next nonce is ${next}.\n` +
        `- Only that nonce leads to ${address}, which the other modules name for ever.\n` +
        "- Deploy anew: move the plan away and use a keystore that nothing else uses. What stands has no power over anything.",
    );
  }
}

/** A constructor would revert: nothing was sent for it. */
export class CreationRefused extends Error {
  override readonly name = "CreationRefused";
  constructor({ name }: PlannedContract, cause: RpcRefused) {
    const why = typeof cause.data === "string" ? describeRevert(cause.data as Hex) : cause.said;
    super(
      `${name} cannot be created: ${why}\n` +
        "- Nothing was sent for it; what stood before stands.\n" +
        "- Correct what it names and run this again.",
      { cause },
    );
  }
}

/** A creation is in the chain and failed: its nonce is spent. */
export class CreationReverted extends Error {
  override readonly name = "CreationReverted";
  constructor({ name, nonce }: PlannedContract, hash: Hex) {
    super(
      `Transaction ${hash}, which was to create ${name}, failed.\n` +
        `- Nonce ${nonce} is spent, so that its address stays empty for ever.\n` +
        "- Deploy anew: move the plan away and use a fresh keystore. What stands has no power over anything.",
    );
  }
}

/** A creation is sent and no block has it yet. Retryable: run the same command again. */
export class NotMined extends Error {
  override readonly name = "NotMined";
  constructor({ name }: PlannedContract, hash: Hex) {
    super(
      `No block has transaction ${hash} yet, which creates ${name}.\n` +
        "- It is stored and may still come.\n" +
        "- Run this again: it sends the same creation with the same nonce, for more where fees have risen.",
    );
  }
}

/** The deployer cannot pay. */
export class NoEther extends Error {
  override readonly name = "NoEther";
  constructor(account: string, balance = 0n, cost?: bigint) {
    const costs =
      cost === undefined
        ? "Each creation costs gas; --dry-run says how much"
        : `It takes up to ${formatEther(cost)} ether at the fees of now`;
    super(
      `The deployer ${account} has ${balance === 0n ? "nothing" : `${formatEther(balance)} ether`} to pay with.\n` +
        `- ${costs}.\n` +
        "- Send it ether (on anvil: `cast rpc anvil_setBalance`) and run this again.",
    );
  }
}
