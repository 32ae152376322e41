// What is written here is compiled by others, with settings of theirs: one file that imports nothing and needs nothing but forge.
// Whatever names come from outside stand in comments alone.
import type { Address } from "@testudo/core/model/Hex";
import { getAddress } from "viem/utils";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import { hardforkOf } from "../record/hardforkOf.ts";
import { boundedFunctions } from "./boundedFunctions.ts";
import { commentText } from "./commentText.ts";
import { sendStatements } from "./foundrySends.ts";
import { accountStatements, blockStatements } from "./foundryState.ts";
import { errorsOfTest, verbsOfTest, vmInterface } from "./foundryVerbs.ts";
import { NotWritable } from "./NotWritable.ts";
import type { Asset } from "./Scenario.ts";

/** A find, for people who have forge and nothing else. */
export interface FoundryFind {
  /** The state with the attacker's contracts in it, and his transactions in their order. */
  readonly capsule: Capsule;
  readonly name: string;
  /** One sentence. */
  readonly title: string;
  readonly assets: readonly Omit<Asset, "capital">[];
  /** Whose gain it is. */
  readonly accounts: readonly Address[];
  /** What they gain at least, in the unit of account, WAD. */
  readonly gainWad: bigint;
  /** What the powers cost that were used, taken off the gain, in the unit of account, WAD. Default: nothing. */
  readonly costWad?: bigint;
}

/**
 * Writes one self-contained Foundry test: it puts the capsule's state, sends its transactions in their blocks, and fails where one of
 * them does, or where the accounts gain less than `gainWad`. Several transactions run under forge's isolation, each as one of its
 * own, in which BASEFEE and GASPRICE are zero. Throws `NotWritable` for what forge cannot be told.
 */
export function writeFoundryTest(find: FoundryFind): string {
  const { capsule, assets, accounts, gainWad } = find;
  if (BigInt.asIntN(256, gainWad) !== gainWad) throw new NotWritable(`a gain of ${gainWad} is no number of Solidity`);
  const state = boundedFunctions(
    "state",
    [...capsule.accounts].flatMap(([address, account]) => accountStatements(address, account)),
  );
  const play = boundedFunctions("play", sendStatements(capsule));
  const setUp = [
    `        vm.chainId(${capsule.chainId});`,
    ...blockStatements(capsule, capsule.block.number).map(indent),
  ];
  return `${headOf(find)}

    function setUp() public {
${[...setUp, state.calls].filter(isSome).join("\n")}
    }

    function test_accountsGain() public {
        uint256 had = _worth();
${play.calls}
        int256 gained;
        unchecked {
            gained = int256(_worth() - had) - COST;
        }
        if (gained < GAIN) revert FindTest_GainsLess(gained, GAIN);
    }

${worthOf(assets)}

${accountsOf(accounts)}

${[play.functions, verbsOfTest, state.functions].filter(isSome).join("\n\n")}
}
`;
}

const indent = (statement: string): string => `        ${statement}`;
const isSome = (text: string): boolean => text !== "";

function headOf({ capsule, name, title, gainWad, costWad = 0n }: FoundryFind): string {
  const isolates = (capsule.transactions ?? []).length > 1;
  return `// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.24;

// ${commentText(name)}
// ${commentText(title)}
// Run it with forge test. It needs no node and no other file. Where the project has via_ir, a large state compiles much faster with
// FOUNDRY_VIA_IR=false.

${vmInterface}

${isolates ? "/// forge-config: default.isolate = true\n" : ""}/// forge-config: default.evm_version = "${evmVersionOf(capsule)}"
contract FindTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// What the accounts gain at least, in the unit of account with 18 decimals.
    int256 private constant GAIN = ${gainWad};
    /// What others are paid for, in the same unit.
    int256 private constant COST = ${costWad};

${errorsOfTest}`;
}

/** Rules as forge calls them. The attacker's contracts need Cancun. */
function evmVersionOf(capsule: Capsule): string {
  const fork = hardforkOf(blockOf(capsule, capsule.transactions?.[0]?.blockNumber)) ?? "cancun";
  if (fork.startsWith("bpo")) return "osaka";
  return fork === "prague" || fork === "osaka" ? fork : "cancun";
}

function worthOf(assets: FoundryFind["assets"]): string {
  const sums = assets.flatMap(({ name, token, decimals, priceWad }) => {
    const unit = 10n ** BigInt(decimals);
    const held = token === undefined ? `_heldNative(${unit})` : `_held(${getAddress(token)}, ${unit})`;
    return [
      `        // ${commentText(name)}`,
      `        (whole, part) = ${held};`,
      "        unchecked {",
      `            worth += whole * ${priceWad} + part * ${priceWad} / ${unit};`,
      "        }",
    ];
  });
  return `    /// What the accounts have together, in the unit of account with 18 decimals, modulo 2^256: how it differs is what counts.
    function _worth() private view returns (uint256 worth) {
        uint256 whole;
        uint256 part;
${sums.join("\n")}
    }`;
}

function accountsOf(accounts: readonly Address[]): string {
  return `    function _accounts() private pure returns (address[] memory accounts) {
        accounts = new address[](${accounts.length});
${accounts.map((account, i) => `        accounts[${i}] = ${getAddress(account)};`).join("\n")}
    }`;
}
