import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Address, Hex } from "viem";
import { encodeFunctionData, parseAbi } from "viem/utils";

const attackAbi = parseAbi(["function attack()"]);
const bridgeAbi = parseAbi([
  "function withdraw(address hubContract, string fromChain, bytes fromAddr, address toAddr, address token, bytes32[] bytes32s, uint256[] uints, bytes data, uint8[] v, bytes32[] r, bytes32[] s)",
]);

/** What is sent: a contract to deploy first, if any, then one call. */
export interface AttackPlan {
  bytecode?: Hex;
  to: Address;
  data: Hex;
  lootHolder: Address;
}

// The fields of a recorded bridge withdrawal, as the call file holds them.
interface RecordedCall {
  to: Address;
  args: {
    hubContract: Address;
    fromChain: string;
    fromAddr: Hex;
    toAddr: Address;
    token: Address;
    bytes32s: Hex[];
    uints: string[];
    data: Hex;
    v: number[];
    r: Hex[];
    s: Hex[];
  };
}

/** Returns the plan that deploys `<slug>/Attack.sol` at `address` and calls it. */
export function contractAttack(slug: string, address: Address): AttackPlan {
  // Solidity is not copied into the build, so the path leads back to the source from there too.
  const file = fileURLToPath(new URL(`../../src/incidents/${slug}/Attack.sol`, import.meta.url));
  const { bytecode } = compile([file]).Attack!;
  return { bytecode, to: address, data: encodeFunctionData({ abi: attackAbi }), lootHolder: address };
}

/** Returns the plan that sends the bridge withdrawal recorded in `file`; anybody may send it. */
export function readRecordedCall(file: string): AttackPlan {
  const { to, args } = JSON.parse(readFileSync(file, "utf8")) as RecordedCall;
  const { hubContract, fromChain, fromAddr, toAddr, token, bytes32s, uints, data: note, v, r, s } = args;
  const data = encodeFunctionData({
    abi: bridgeAbi,
    args: [hubContract, fromChain, fromAddr, toAddr, token, bytes32s, uints.map(BigInt), note, v, r, s],
  });
  return { to, data, lootHolder: toAddr };
}
