// `@ethereumjs/vm` with a state that is kept from one transaction to the next, and can be taken back.
import type { Block } from "@ethereumjs/block";
import { createCustomCommon, Mainnet } from "@ethereumjs/common";
import { paramsEVM } from "@ethereumjs/evm";
import { createTx, paramsTx } from "@ethereumjs/tx";
import { EthereumJSError, hexToBytes, Address as PeerAddress } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import { noProofs, pastBlocks, toBlock, toTxData } from "../conformance/openPeerEngine.testkit.ts";
import { PeerState } from "../conformance/PeerState.testkit.ts";
import type { StateAccount, StateAccounts } from "../conformance/StateTestEngine.ts";
import { toHex } from "../hex.ts";
import type { EngineTransaction } from "../Transaction.ts";
import { chainId, type FuzzWorld } from "./FuzzWorld.ts";
import { hashOfBlock } from "./hashOfBlock.ts";
import type { Observed } from "./Observed.ts";
import { toWordBytes } from "./randomWord.ts";

export interface PeerSession {
  send(tx: EngineTransaction): Promise<Observed>;
  state(): StateAccounts;
  /** Back to the world as it was. */
  reset(): Promise<void>;
}

export async function openPeerSession({
  fork,
  block,
  accounts,
}: Pick<FuzzWorld, "fork" | "block" | "accounts">): Promise<PeerSession> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, {
    hardfork: fork,
    customCrypto: { kzg: noProofs },
  });
  common.updateParams(paramsEVM);
  const stateManager = new PeerState({ common });
  for (const [address, account] of accounts) await stateManager.begin(address, account as StateAccount);
  const vm = await createVM({
    common,
    stateManager,
    evmOpts: { common, stateManager, blockchain: pastBlocks(hashOfBlock) },
  });
  const header: Block = toBlock({ ...block, prevRandao: toWordBytes(block.prevRandao) } as never, common);
  await stateManager.checkpoint();
  // Each transaction would merge the same parameters into the rules again, which takes longer than most of them run.
  common.updateParams(paramsTx);
  common.updateParams = () => {};
  common.copy = () => common;

  return {
    async send(tx) {
      const sender = new PeerAddress(hexToBytes(tx.from));
      const nonce = (await stateManager.getAccount(sender))?.nonce ?? 0n;
      try {
        const data = toTxData({ ...tx, nonce: tx.nonce ?? nonce } as never, chainId);
        const given = createTx(data, { common, freeze: false });
        given.getSenderAddress = () => sender;
        const { execResult, totalGasSpent, receipt, createdAddress } = await runTx(vm, { tx: given, block: header });
        const isGood = execResult.exceptionError === undefined;
        return {
          kind: "ran",
          succeeded: isGood,
          gasUsed: totalGasSpent,
          // What a failed frame leaves in the peer is no output, but for a revert.
          output: isGood || execResult.exceptionError!.error === "revert" ? toHex(execResult.returnValue) : "0x",
          logs: receipt.logs.map(([address, topics, data]) => [toHex(address), topics.map(toHex), toHex(data)]),
          created: isGood && tx.to === null ? createdAddress?.toString() : undefined,
        };
      } catch (error) {
        if (error instanceof EthereumJSError) return { kind: "invalid", why: error.message };
        throw error;
      } finally {
        stateManager.originalStorageCache.clear();
        vm.evm.journal.cleanJournal();
      }
    },
    state: () => stateManager.accounts(),
    async reset() {
      await stateManager.revert();
      await stateManager.checkpoint();
    },
  };
}
