import type { Address, Hex, LocalAccount } from "viem";
import { zeroAddress, zeroHash } from "viem";
import { encodeFunctionData, keccak256, parseAbi, toBytes } from "viem/utils";
import type { Call, ChainSession } from "./ChainSession.ts";
import type { DefendedStage } from "./defendedStage.testkit.ts";

const safeAbi = parseAbi([
  "function nonce() view returns (uint256)",
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool)",
]);

/** OpenZeppelin's TimelockController, what the Safe and the tests use of it. */
export const timelockAbi = parseAbi([
  "function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
  "function cancel(bytes32 id)",
  "function hashOperation(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt) view returns (bytes32)",
  "function isOperation(bytes32 id) view returns (bool)",
  "function isOperationDone(bytes32 id) view returns (bool)",
  "function getMinDelay() view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);

// Safe 1.5.0's own struct (EIP-712): all fields that pay a relayer stay zero.
const types = {
  SafeTx: [
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "data", type: "bytes" },
    { name: "operation", type: "uint8" },
    { name: "safeTxGas", type: "uint256" },
    { name: "baseGas", type: "uint256" },
    { name: "gasPrice", type: "uint256" },
    { name: "gasToken", type: "address" },
    { name: "refundReceiver", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

/** `execTransaction` of `data` to `to`, signed by `signers` over the Safe's next nonce and sent by the relayer. */
export async function safeCall(
  { session, defence, relayer }: DefendedStage,
  signers: readonly LocalAccount[],
  to: Address,
  data: Hex,
): Promise<Call> {
  const nonce = await session.client.readContract({ abi: safeAbi, address: defence.safe, functionName: "nonce" });
  const pays = { safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress };
  const message = { to, value: 0n, data, operation: 0, ...pays, nonce };
  const domain = { chainId: session.chainId, verifyingContract: defence.safe };
  // The Safe wants its owners in ascending order of their addresses.
  const sorted = [...signers].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const signatures = await Promise.all(
    sorted.map((signer) => signer.signTypedData({ domain, types, primaryType: "SafeTx", message })),
  );
  const joined: Hex = `0x${signatures.map((signature) => signature.slice(2)).join("")}`;
  const { gasToken, refundReceiver } = pays;
  const args = [to, 0n, data, 0, 0n, 0n, 0n, gasToken, refundReceiver, joined] as const;
  return {
    from: relayer,
    to: defence.safe,
    data: encodeFunctionData({ abi: safeAbi, functionName: "execTransaction", args }),
  };
}

/** One call that waits in the timelock. */
export type Operation = { readonly target: Address; readonly data: Hex; readonly salt: Hex };

/** An operation named `name`; equal calls under two names are two operations. */
export function toOperation(name: string, target: Address, data: Hex): Operation {
  return { target, data, salt: keccak256(toBytes(name)) };
}

/** Calldata of `schedule`, for the proposer. */
export function encodeSchedule({ target, data, salt }: Operation, delaySeconds: number): Hex {
  const args = [target, 0n, data, zeroHash, salt, BigInt(delaySeconds)] as const;
  return encodeFunctionData({ abi: timelockAbi, functionName: "schedule", args });
}

/** Calldata of `execute`, for the executor. */
export function encodeExecute({ target, data, salt }: Operation): Hex {
  return encodeFunctionData({ abi: timelockAbi, functionName: "execute", args: [target, 0n, data, zeroHash, salt] });
}

/** The timelock's id of an operation. */
export function readOperationId(
  session: ChainSession,
  timelock: Address,
  { target, data, salt }: Operation,
): Promise<Hex> {
  const args = [target, 0n, data, zeroHash, salt] as const;
  return session.client.readContract({ abi: timelockAbi, address: timelock, functionName: "hashOperation", args });
}
