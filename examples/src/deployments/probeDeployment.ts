import { readFileSync } from "node:fs";
import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Evm, EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { type ProbeLimits, type ProbeResult, probeContract } from "@testudo/lab/probe/probeContract";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { recordedState } from "@testudo/lab/record/recordedState";
import { openNamedTokens } from "testudo/preblock/namedTokens";
import { triedLimits } from "testudo/preblock/openHeadState";
import { creationsNear } from "testudo/preblock/probeCreations";
import { readProbeWords } from "testudo/preblock/probeWords";
import type { Deployment } from "./deploymentsIn.ts";

const deployer: Address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const deployersEther = 10_000n * 10n ** 18n;
const blockGas = 1_000_000_000n;

export interface Probing {
  /** Whether a watch would have probed it, by what its creation shows. */
  readonly isNear: boolean;
  readonly result: ProbeResult;
}

/**
 * Makes the contract on its recorded state and probes it, with what a watch of `protect` knows and bounds, in the block after.
 * Throws where the creation fails, or acts on another contract.
 */
export async function probeDeployment(
  { name, file, protect, creation }: Deployment,
  limits: ProbeLimits,
  now: () => number,
): Promise<Probing> {
  const capsule = parseCapsule(readFileSync(file), file);
  const { chainId } = capsule;
  const accounts = new Map(capsule.accounts);
  accounts.set(deployer, { balance: deployersEther, nonce: 0n, code: "0x", storage: new Map() });
  const recorded = recordedState({ accounts, absentSlots: "zero" });
  const blockAfter = (later: bigint): EvmBlock => ({
    chainId,
    number: capsule.block.number + later,
    timestamp: capsule.block.timestamp + later,
    baseFeePerGas: 0n,
    gasLimit: blockGas,
    coinbase: `0x${"0".repeat(40)}`,
    prevRandao: `0x${"0".repeat(64)}`,
    // The contracts are compiled for it, whatever the chain had at the time.
    hardfork: "cancun",
  });
  const maker = await openEvm(recorded, blockAfter(1n));
  const made = await maker.run({ from: deployer, to: null, value: 0n, input: creation, gas: 30_000_000n });
  if (made.kind === "refused" || !made.succeeded || !isAlone(made.trace)) throw new NotMade(name);
  const contract = made.trace.to;
  const near = creationsNear(bundleOf(made.trace, creation), protect, () => false);
  const block = blockAfter(2n);
  const source = afterCreation(recorded, maker, contract);
  const evm = await openEvm(source, block, triedLimits);
  const words = await readProbeWords(evm, { protect, deployer }, await openNamedTokens(protect)(evm, []));
  const search = { source, block };
  const request = { ...{ evm, chainId, contract, deployer, protect, block, search, now, limits }, ...words };
  return { isNear: near.some((one) => one.contract === contract), result: await probeContract(request) };
}

function bundleOf(trace: CallFrame, input: Hex): BlockBundle {
  const hash: Hex = `0x${"0".repeat(64)}`;
  return {
    ref: { number: 1n, hash, parentHash: hash, timestamp: 1n },
    txs: [{ hash, index: 0, from: deployer, to: null, value: 0n, input, nonce: 0 }],
    logs: [],
    traces: [trace],
    has: ["X", "T"],
    sources: [],
  };
}

/** What was recorded, and the contract that `maker` has made. */
function afterCreation(recorded: StateSource, maker: Evm, contract: Address): StateSource {
  // An engine answers one question at a time.
  let last: Promise<unknown> = Promise.resolve();
  const answerOf = async (read: Parameters<Evm["read"]>[0]): Promise<Hex> => {
    const asking = last.then(() => maker.read(read));
    last = asking;
    const answer = await asking;
    if (!answer.ok) throw new Error(answer.error);
    return answer.value;
  };
  return {
    async account(address) {
      const known = await recorded.account(address);
      if (address === deployer) return { ...known!, nonce: 1n };
      if (address !== contract) return known;
      return { balance: known?.balance ?? 0n, nonce: 1n, code: await answerOf({ kind: "code", address }) };
    },
    slot: (address, slot) =>
      address === contract ? answerOf({ kind: "slot", address, slot }) : recorded.slot(address, slot),
    blockHash: recorded.blockHash,
  };
}

/** Whether a creation writes nothing but its own storage: another's would have to be taken over, too. */
function isAlone(trace: CallFrame): boolean {
  return walk(trace).every(({ isStatic, context }) => isStatic || context === trace.to);
}

/** A contract could not be made on its recorded state. */
class NotMade extends Error {
  override readonly name = "NotMade";
  constructor(what: string) {
    super(
      `${what}: its creation fails, or acts on another contract.\n- It must stand by itself.\n- Trace the creation; the recorded state may lack what it reads.`,
    );
  }
}
