// Recorded incidents with people around them: the attack as it was, and honest use of the same contracts by an account of
// ours. What that account has of a token is written into the state; nothing else is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Capsule, CapsuleTransaction } from "@testudo/lab/record/Capsule";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { encodeAbiParameters, encodeFunctionData, keccak256, parseAbi } from "viem/utils";
import { capsuleAttacks } from "../incidents/capsuleAttacks.ts";

/** An incident ready for `patch`: what is ruled, and whose holdings the attack takes. */
export interface IncidentCapsule {
  readonly slug: string;
  readonly capsule: Capsule;
  readonly holders: readonly Address[];
}

interface Scene {
  readonly slug: string;
  /** The contract that the attack enters. */
  readonly victim: Address;
  readonly holders: readonly Address[];
  readonly honest: readonly Pick<CapsuleTransaction, "to" | "input" | "value">[];
  /** Words of storage that give the honest account its tokens. */
  readonly words?: readonly { readonly token: Address; readonly slot: Hex; readonly word: Hex }[];
}

const honest: Address = `0x${"ab".repeat(20)}`;
const ether = 10n ** 18n;
const gas = 3_000_000n;

const pike: Address = "0xfc7599cffea9de127a9f9c748ccb451a34d2f063";
const chamber: Address = "0x65c210c59b43eb68112b7a4f75c8393c36491f06";
const approver: Address = "0x9cbf099ff424979439dfba03f00b5961784c06ce";
const usdc: Address = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48";
const uni: Address = "0x1f9840a85d5af5bf1d1762f925bdaddc4201f984";
const cUsdc: Address = "0x39aa39c021dfbae8fac545936693ac917d5e7563";
const cUni: Address = "0x35a18000230da775cac24873d00ff85bccded550";
const comptroller: Address = "0x3d9819210a31b4961b30ef54be2aed79b9c9cd3b";

const abi = parseAbi([
  "function performOperations(uint8[] actions, uint256[] values, bytes[] datas)",
  "function approve(address spender, uint256 amount)",
  "function mint(uint256 amount)",
  "function enterMarkets(address[] markets)",
  "function borrow(uint256 amount)",
  "function repayBorrow(uint256 amount)",
  "function accrueInterest()",
  "function paused()",
  "function admin()",
]);

const call = (to: Address, input: Hex, value = 0n) => ({ to, input, value });
const operation = (action: number) =>
  call(
    chamber,
    encodeFunctionData({ abi, functionName: "performOperations", args: [[action], [0n], [`0x${"0".repeat(384)}`]] }),
  );

const scenes: readonly Scene[] = [
  {
    slug: "pikefinance",
    victim: pike,
    holders: [pike],
    honest: [
      call(pike, "0x", ether),
      call(pike, encodeFunctionData({ abi, functionName: "paused" })),
      call(pike, "0x", 2n * ether),
      call(pike, encodeFunctionData({ abi, functionName: "admin" })),
      call(pike, "0x", ether / 2n),
    ],
  },
  {
    slug: "seneca",
    victim: chamber,
    holders: [approver],
    // Operations that everybody may name, with amounts of zero.
    honest: [operation(1), operation(3), operation(7), operation(8), operation(9)],
  },
  {
    slug: "compounduni",
    victim: cUni,
    holders: [cUni],
    // USDC keeps balances in the mapping at slot 9.
    words: [{ token: usdc, slot: slotOf(honest, 9n), word: toWord(50_000_000_000n) }],
    honest: [
      call(usdc, encodeFunctionData({ abi, functionName: "approve", args: [cUsdc, 2n ** 256n - 1n] })),
      call(cUsdc, encodeFunctionData({ abi, functionName: "mint", args: [40_000_000_000n] })),
      call(comptroller, encodeFunctionData({ abi, functionName: "enterMarkets", args: [[cUsdc]] })),
      call(cUni, encodeFunctionData({ abi, functionName: "borrow", args: [300n * ether] })),
      call(uni, encodeFunctionData({ abi, functionName: "approve", args: [cUni, 2n ** 96n - 1n] })),
      call(cUni, encodeFunctionData({ abi, functionName: "borrow", args: [500n * ether] })),
      call(cUni, encodeFunctionData({ abi, functionName: "repayBorrow", args: [200n * ether] })),
      call(cUni, encodeFunctionData({ abi, functionName: "accrueInterest" })),
      call(cUni, encodeFunctionData({ abi, functionName: "borrow", args: [100n * ether] })),
    ],
  },
];

/** The incidents of which honest use can be played on the recorded state; `folder` is `incidents/` of the data. */
export function incidentCapsules(folder: string): readonly IncidentCapsule[] {
  const attacks = capsuleAttacks(folder);
  return scenes.map((scene) => {
    const attack = attacks.find(({ name }) => name === scene.slug)!;
    const recorded = parseCapsule(readFileSync(join(folder, attack.file)), attack.file);
    const bad = attack.transactions.map((tx): CapsuleTransaction => ({ ...tx, role: "attack" }));
    const good = scene.honest.map((tx): CapsuleTransaction => ({ ...tx, from: honest, gas, role: "benign" }));
    return {
      slug: scene.slug,
      holders: scene.holders,
      capsule: {
        ...recorded,
        name: scene.slug,
        // The attack contracts are of today's compiler.
        hardfork: "cancun",
        victim: scene.victim,
        accounts: withPeople(recorded, scene, attack.attacker),
        transactions: [...good, ...bad],
      },
    };
  });
}

function withPeople({ accounts }: Capsule, { words = [] }: Scene, attacker: Address): Capsule["accounts"] {
  const peopled = new Map(accounts);
  for (const address of [honest, toLower(attacker)])
    peopled.set(address, { balance: 100n * ether, nonce: 0n, code: "0x", storage: new Map() });
  for (const { token, slot, word } of words) {
    const account = peopled.get(token)!;
    peopled.set(token, { ...account, storage: new Map([...account.storage, [slot, word]]) });
  }
  return peopled;
}

function slotOf(account: Address, mapping: bigint): Hex {
  return keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [account, mapping]));
}

function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
