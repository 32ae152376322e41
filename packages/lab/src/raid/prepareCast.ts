// Puts the attacker's contracts into a state: each with its capital, which everybody may take from it as he lets them.
import { appraiser, puppet } from "@testudo/contracts";
import type { Address } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { encodeFunctionData } from "viem/utils";
import { fromHex, toHex } from "../record/bytes.ts";
import type { Cast } from "./Cast.ts";
import { erc20Abi } from "./erc20Abi.ts";
import { groundHooks } from "./openGround.ts";
import type { Asset, Scenario } from "./Scenario.ts";
import { balanceQuestion } from "./worthOf.ts";

/** What one transaction may burn: the most that Ethereum takes since Osaka (EIP-7825). */
export const mostGas = 1n << 24n;

const owner: Address = "0x00000000000000000000000000000000a77ac0e2";
const firstAccount = 0xa77ac000n;
const appraiserAt: Address = "0x00000000000000000000000000000000a77aca11";
const most = 2n ** 256n - 1n;

/** The state begins with his contracts in it. Throws `CapitalOutOfReach` for a token that gives him none. */
export function prepareCast(engine: Engine, scenario: Scenario): Cast {
  const accounts = Array.from({ length: scenario.accounts }, (_, i) => accountAddress(i));
  engine.load(owner, { balance: 10n ** 24n, nonce: 0n, code: new Uint8Array() });
  place(engine, puppet.bytecode, accounts);
  place(engine, appraiser.bytecode, [appraiserAt]);
  for (const asset of scenario.assets) for (const account of accounts) give(engine, asset, account);
  for (const account of accounts) approveAll(engine, scenario, account);
  return { owner, accounts, actors: [...accounts, ...scenario.keys], appraiser: appraiserAt };
}

/** Where the attacker's account of that number stands, from 0. */
export const accountAddress = (number: number): Address =>
  `0x${(firstAccount + BigInt(number)).toString(16).padStart(40, "0")}`;

/** Deploys once, and puts what came out where it is wanted. */
function place(engine: Engine, creation: `0x${string}`, at: readonly Address[]): void {
  const mark = engine.snapshot();
  const { created } = engine.call({ from: owner, to: null, input: fromHex(creation), gas: mostGas });
  const { code } = engine.account(created!)!;
  engine.rollback(mark);
  for (const address of at) {
    engine.load(address, { balance: 0n, nonce: 1n, code });
  }
}

function give(engine: Engine, { name, token, capital }: Asset, account: Address): void {
  if (token === undefined) engine.setBalance(account, capital);
  else if (capital > 0n && !setBalanceSlot(engine, token, account, capital)) throw new CapitalOutOfReach(name, token);
}

/** Whether an account of his can be given so much; nothing is kept. */
export function canGive(engine: Engine, token: Address, amount: bigint): boolean {
  const before = engine.snapshot();
  const isGiven = setBalanceSlot(engine, token, accountAddress(0), amount);
  engine.rollback(before);
  engine.setHooks(groundHooks);
  return isGiven;
}

/** Addresses that the search takes for itself. */
export const isTaken = (address: Address): boolean =>
  [owner, appraiserAt, ...[0, 1, 2, 3].map(accountAddress)].includes(address);

/** Of the slots that a token's `balanceOf` reads, the one whose number it gives. */
function setBalanceSlot(engine: Engine, token: Address, account: Address, amount: bigint): boolean {
  engine.setHooks({ storage: true });
  const had = balanceOf(engine, token, account);
  const loaded = engine.storageUses().filter(({ kind }) => kind === "loaded");
  engine.setHooks({ storage: false });
  for (const { address, key, value } of loaded) {
    if (value !== had) continue;
    engine.setStorage(address, key, amount);
    if (balanceOf(engine, token, account) === amount) return true;
    engine.setStorage(address, key, value);
  }
  return false;
}

function balanceOf(engine: Engine, token: Address, account: Address): bigint {
  const { to, input } = balanceQuestion(token, account);
  const { succeeded, output } = engine.call({ from: owner, to, input: fromHex(input), gas: mostGas, isStatic: true });
  return succeeded && output.length === 32 ? BigInt(toHex(output)) : 0n;
}

function approveAll(engine: Engine, { assets, contracts }: Scenario, account: Address): void {
  for (const { token } of assets)
    for (const { address } of contracts)
      if (token !== undefined && address !== token) {
        const input = encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [address, most] });
        engine.call({ from: account, to: token, input: fromHex(input), gas: mostGas });
      }
}

/** Thrown where a token keeps balances in a way that cannot be written by hand. Not retryable. */
export class CapitalOutOfReach extends Error {
  override readonly name = "CapitalOutOfReach";
  constructor(asset: string, token: Address) {
    super(
      [
        `The attacker cannot be given any ${asset} (${token}).`,
        "- Of the slots that its balanceOf reads none is the balance alone.",
        "- Set its capital to 0, or begin with a state in which an account of his has some.",
      ].join("\n"),
    );
  }
}
