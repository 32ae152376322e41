// What is wrong with the protected contracts and their functions only on the chain.
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { gateProxy, guarded, selectorBreaker } from "@testudo/contracts";
import { type Address, type Hex, isAddress, toLower } from "@testudo/core/model/Hex";
import { toFunctionSelector } from "viem/utils";
import { ask, codeOf, implementationOf } from "./askChain.ts";
import type { FunctionRef } from "./deployFields.ts";
import { dispatches, hasSelector } from "./findSelector.ts";
import type { Complain, Inspected } from "./Inspected.ts";

/** Complains of a target that is not there, does not obey, or whose functions are not those of the file. */
export async function inspectTarget(
  { chain, deployment, addressOf }: Inspected,
  i: number,
  complain: Complain,
): Promise<void> {
  const { name, address, mode, guarded: guardedOnes, exempt } = deployment.protect[i]!;
  const codes = await codesBehind(chain.endpoint, address);
  if (codes.length === 0)
    return complain(
      ["protect", i, "address"],
      `${name} (${address}) has no code.`,
      "Allowed: a contract that stands on this chain.",
      `Deploy it first, for the breaker at ${addressOf("breaker")}; then run this again.`,
    );
  for (const [list, functions] of [
    ["guarded", guardedOnes],
    ["exempt", exempt],
  ] as const)
    functions.forEach(({ signature, selector }, j) => {
      if (codes.some((code) => hasSelector(code, selector))) return;
      complain(
        ["protect", i, list, j],
        `${name} has no function "${signature}": ${selector} does not stand in its code.`,
        "Allowed: functions of the contract or of what its proxy delegates to, with the types of its ABI.",
        "A function that is not there cannot be paused when it matters. Correct the signature.",
      );
    });
  inspectUnlisted(i, { name, codes, listed: [...guardedOnes, ...exempt] }, complain);
  const names = mode === "inline" ? "selectorBreaker" : "circuitBreaker";
  const abi = mode === "inline" ? selectorBreaker.abi : guarded.abi;
  const breaker = (await ask<Address>(chain.endpoint, address, abi, names))?.toLowerCase();
  if (breaker === addressOf("breaker") || (mode === "external" && breaker === undefined)) return;
  complain(
    ["protect", i, "mode"],
    `${name} ${breaker === undefined ? `answers no ${names}()` : `names the breaker ${breaker}`}.`,
    `Allowed: a contract that obeys the breaker of this deployment, ${addressOf("breaker")}.`,
    "Its pauses would hold nothing. Deploy it for that breaker, whose address is known beforehand (--dry-run).",
  );
}

// Ways out by the names that most protocols give them.
const waysOut = [
  "withdraw(uint256)",
  "withdraw(address,uint256)",
  "withdraw(uint256,address)",
  "withdraw(address,uint256,address)",
  "withdraw(uint256,address,address)",
  "withdrawTo(address,uint256)",
  "withdrawAll()",
  "withdrawETH(uint256)",
  "emergencyWithdraw(uint256)",
  "redeem(uint256)",
  "redeem(uint256,address,address)",
  "redeemUnderlying(uint256)",
  "borrow(uint256)",
  "borrow(address,uint256)",
  "borrow(uint256,address)",
  "borrow(address,uint256,uint256,uint16,address)",
  "removeCollateral(uint256)",
  "removeMargin(uint256)",
  "exit()",
].map((signature) => ({ signature, selector: toFunctionSelector(`function ${signature}`) }));

// A target is registered once and for ever: what was forgotten can never be paused.
function inspectUnlisted(
  i: number,
  { name, codes, listed }: { name: string; codes: readonly Hex[]; listed: readonly FunctionRef[] },
  complain: Complain,
): void {
  for (const { signature, selector } of waysOut) {
    if (listed.some((item) => item.selector === selector) || !codes.some((code) => dispatches(code, selector)))
      continue;
    complain(
      ["protect", i, "guarded"],
      `${name} has "${signature}", which is neither guarded nor exempt.`,
      "Allowed: every function by which value leaves or risk opens under `guarded`.",
      "A contract is registered once: what is left out can never be paused.",
    );
  }
}

/** Complains of a delay for a function that is not there: it looks like a rule and is none. */
export async function inspectDelayed({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  for (const [i, { contract, function: delayed }] of deployment.timelock.selectorDelays.entries()) {
    const known = deployment.protect.find(({ name }) => name === contract)?.address;
    const address = known ?? (isAddress(contract) ? toLower(contract) : undefined);
    if (address === undefined) continue;
    const codes = await codesBehind(chain.endpoint, address);
    if (codes.some((code) => hasSelector(code, delayed.selector))) continue;
    complain(
      ["timelock", "selectorDelays", i, "function"],
      codes.length === 0
        ? `${contract} has no code.`
        : `${contract} has no function "${delayed.signature}": ${delayed.selector} does not stand in its code.`,
      "Allowed: functions of the contract or of what its proxy delegates to, with the types of its ABI.",
      "The delay would be for nothing, and what was meant would wait delaySeconds alone. Correct the signature.",
    );
  }
}

// The code of a contract and of what it delegates to, as far as ERC-1967 and our own gate tell.
async function codesBehind(endpoint: Endpoint, address: Address): Promise<readonly Hex[]> {
  const code = await codeOf(endpoint, address);
  if (code === "0x") return [];
  const gate = await ask<readonly [Address, boolean, Address]>(endpoint, address, gateProxy.abi, "gate");
  const behind = [await implementationOf(endpoint, address), ...(gate === undefined ? [] : [gate[0]])];
  const codes = await Promise.all(behind.map((at) => codeOf(endpoint, at)));
  return [code, ...codes.filter((item) => item !== "0x")];
}
