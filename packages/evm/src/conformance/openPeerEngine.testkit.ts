// `@ethereumjs/vm` behind the interface of the conformance run: what the runner itself is tried with, and a second opinion
// where an engine fails a case. Its state has no trie, so that roots are ours.
import { type Block, createBlock } from "@ethereumjs/block";
import { type Common, type CustomCrypto, createCustomCommon, Mainnet } from "@ethereumjs/common";
import { type EVMMockBlockchainInterface, paramsEVM } from "@ethereumjs/evm";
import { createTx, TransactionType, type TypedTxData } from "@ethereumjs/tx";
import { Address, bytesToHex, EthereumJSError, hexToBytes } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import { PeerState, toWord } from "./PeerState.testkit.ts";
import type { StateTestEngine, StateTestOutcome, StateTestRun, StateTestTransaction } from "./StateTestEngine.ts";

type Hex = `0x${string}`;

/** The peer. With `kzg` it also proves points of blobs; without, a case that needs it throws. */
export function openPeerEngine(kzg: NonNullable<CustomCrypto["kzg"]> = noProofs): StateTestEngine {
  return { runTransaction: (run) => runTransaction(run, kzg) };
}

/** What the command looks for in a module of an engine. */
export const openStateTestEngine = () => openPeerEngine();

const refuse = (): never => {
  throw new TypeError("The peer was given nothing that proves points of blobs.");
};
// It asks for a prover before it takes a transaction with blobs, though none is called for those.
export const noProofs = new Proxy({} as NonNullable<CustomCrypto["kzg"]>, { get: () => refuse });

async function runTransaction(
  { fork, chainId, block, blockHash, pre, tx }: StateTestRun,
  kzg: NonNullable<CustomCrypto["kzg"]>,
): Promise<StateTestOutcome> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, {
    hardfork: fork,
    customCrypto: { kzg },
  });
  common.updateParams(paramsEVM);
  const stateManager = new PeerState({ common });
  for (const [address, account] of pre) await stateManager.begin(address, account);
  const evmOpts = { common, stateManager, blockchain: pastBlocks(blockHash) };
  const vm = await createVM({ common, stateManager, evmOpts });
  try {
    const header = toBlock(block, common);
    const engineTx = createTx(toTxData(tx, chainId), { common, freeze: false });
    const sender = new Address(hexToBytes(tx.from as Hex));
    engineTx.getSenderAddress = () => sender;
    const { receipt } = await runTx(vm, { tx: engineTx, block: header });
    const logs = receipt.logs.map(([address, topics, data]) => ({ address: bytesToHex(address), topics, data }));
    return { kind: "ran", logs, post: stateManager.accounts() };
  } catch (error) {
    if (error instanceof EthereumJSError) return { kind: "invalid", why: error.message };
    throw error;
  }
}

export function toBlock({ coinbase, prevRandao, ...block }: StateTestRun["block"], common: Common): Block {
  const header = { ...block, coinbase: coinbase as Hex, mixHash: prevRandao };
  return createBlock({ header }, { common, skipConsensusFormatValidation: true, freeze: false });
}

export function pastBlocks(hashOf: (number: bigint) => Uint8Array): EVMMockBlockchainInterface {
  const blockchain: EVMMockBlockchainInterface = {
    getBlock: async (number) => ({ hash: () => hashOf(BigInt(number)) }),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
  };
  return blockchain;
}

export function toTxData(tx: StateTestTransaction, chainId: bigint): TypedTxData {
  const accessList = tx.accessList?.map(({ address, storageKeys }) => ({
    address: address as Hex,
    storageKeys: storageKeys.map((key) => bytesToHex(toWord(key))),
  }));
  const basic = {
    nonce: tx.nonce,
    gasLimit: tx.gas,
    ...(tx.to === null ? {} : { to: tx.to as Hex }),
    value: tx.value,
    data: tx.input,
  };
  if (tx.maxFeePerGas === undefined) {
    const price = { ...basic, gasPrice: tx.gasPrice! };
    if (accessList === undefined) return { ...price, type: TransactionType.Legacy };
    return { ...price, chainId, accessList, type: TransactionType.AccessListEIP2930 };
  }
  const dynamic = {
    ...basic,
    chainId,
    maxFeePerGas: tx.maxFeePerGas,
    maxPriorityFeePerGas: tx.maxPriorityFeePerGas!,
    accessList: accessList ?? [],
  };
  if (tx.authorizationList !== undefined)
    return {
      ...dynamic,
      type: TransactionType.EOACodeEIP7702,
      authorizationList: tx.authorizationList.map(toAuthorization),
    };
  if (tx.blobVersionedHashes !== undefined)
    return {
      ...dynamic,
      type: TransactionType.BlobEIP4844,
      maxFeePerBlobGas: tx.maxFeePerBlobGas!,
      blobVersionedHashes: tx.blobVersionedHashes.map((hash) => bytesToHex(hash)),
    };
  return { ...dynamic, type: TransactionType.FeeMarketEIP1559 };
}

function toAuthorization(entry: NonNullable<StateTestTransaction["authorizationList"]>[number]) {
  const { yParity, r, s } = entry.signature!;
  return {
    chainId: toHex(entry.chainId),
    address: entry.address as Hex,
    nonce: toHex(entry.nonce),
    yParity: toHex(yParity),
    r: toHex(r),
    s: toHex(s),
  };
}

function toHex(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
