// A house that cashes notes in for whoever knows their numbers, and somebody who does: as a capsule, without a node.
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEngine } from "@testudo/evm/openEngine";
import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { fromHex } from "../record/bytes.ts";
import type { Capsule } from "../record/Capsule.ts";
import { accountsOf, alice, ether, thief } from "./tillStage.testkit.ts";

export interface NotesStage {
  readonly notes: Address;
  readonly capsule: Capsule;
}

const builds = compile([fileURLToPath(new URL("../../src/patch/Notes.testkit.sol", import.meta.url))]);
const build = (name: string) => builds[name] as { abi: Abi; bytecode: Hex };
/** Nobody guesses it, and it is the key of a mapping: no storage tells it. */
export const note = 0xa5e1_77c0_93d2_4b6f_1e08_5c9dn;
const block = { number: 100n, timestamp: 1_750_000_000n, baseFeePerGas: 0n };

export const inputOf = (functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: build("Notes").abi, functionName, args: [...args] });

/** Alice's note is worth 60 ether; 40 of them are cashed in, in so many calls, by a contract that is made for it. */
export async function openNotesStage(house: "Notes" | "SoleNotes" = "Notes", times = 1n): Promise<NotesStage> {
  const rest = { gasLimit: 100_000_000n, coinbase: `0x${"0".repeat(40)}`, prevRandao: 0n, excessBlobGas: 0n } as const;
  const rich = { balance: 1_000n * ether, nonce: 0n, code: new Uint8Array() };
  const accounts = new Map([alice, thief].map((one) => [one, rich] as const));
  const engine = await openEngine({ fork: "cancun", chainId: 1n, block: { ...block, ...rest }, accounts });
  const gas = 3_000_000n;
  const notes = engine.call({ from: alice, to: null, input: fromHex(build(house).bytecode), gas }).created!;
  const { succeeded } = engine.call({
    ...{ from: alice, to: notes, value: 60n * ether, gas },
    input: fromHex(inputOf("issue", [note])),
  });
  if (!succeeded) throw new Error("The note was not issued.");
  const input = encodeDeployData({ ...build("Forger"), args: [notes, note, (40n * ether) / times, times] });
  const forge = { from: thief, to: null, value: 0n, input, gas, blockNumber: 101n, role: "attack" } as const;
  return {
    notes,
    capsule: {
      ...{ name: "notes", chainId: 1, hardfork: "cancun", block, victim: notes },
      ...{ accounts: accountsOf(engine), transactions: [forge] },
    },
  };
}
