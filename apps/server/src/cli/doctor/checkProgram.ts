// A guard rule without a person needs the breaker to know the program: better found out now than when the rule is refused.
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Policy, RulePermission } from "@testudo/core/model/Policy";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import type { Settings } from "../../config/Config.ts";
import { hasCode } from "../../deploy/askChain.ts";
import { keystoreAddress } from "../../keystore/openKeystore.ts";
import { atNode } from "./atNode.ts";
import { type Check, fail, ok } from "./Check.ts";
import { checkDeriving } from "./checkDeriving.ts";
import { external, isPausable } from "./kinds.ts";

const name = "rules";
const { abi } = circuitBreaker;

/** Whether the policy's program may set the rules that the policy grants it, asked of its breaker at `url`. */
export async function checkProgram(url: string, { policy, sender }: Settings): Promise<readonly Check[]> {
  const rules = policy?.rules;
  if (rules === undefined) return [];
  return atNode(url, name, async (endpoint) => {
    if (!(await hasCode(endpoint, policy!.breaker)))
      return [fail(name, `The breaker ${policy!.breaker} has no code on this chain.`, "Correct `policy.breaker`.")];
    const { permissions, derived } = rules;
    const places = [...permissions, ...(derived?.permissions ?? [])].flatMap((permission) =>
      permission.selectors.map((selector) => ({ permission, selector })),
    );
    const checks: Check[] = [];
    for (const place of places) checks.push(...(await checkPlace(endpoint, policy!, place)));
    // A function may be granted twice: for written rules, and for derived ones.
    const told = checks.filter((one, i) => checks.findIndex(({ text }) => text === one.text) === i);
    const searches = derived === undefined ? [] : await checkDeriving(endpoint, derived);
    return [
      ...checkSender(rules.program, sender?.keystore),
      ...(told.length > 0 ? told : [allMay(policy!)]),
      ...searches,
    ];
  });
}

function allMay({ rules, breaker }: Policy): Check {
  return ok(name, `${rules!.program} may set all rules of the policy at ${breaker}`);
}

/** Of what cannot be read elsewhere (a keystore that does not tell its address) nothing is said here. */
function checkSender(program: Address, keystore: string | undefined): readonly Check[] {
  if (keystore === undefined) return [fail(name, "Nobody sends them.", "Name `sender`: its key is the program's.")];
  let address: Address | undefined;
  try {
    address = keystoreAddress(keystore);
  } catch {
    return [];
  }
  if (address === undefined || address === program) return [];
  const wayOut = "Name the sender's address as `policy.rules.program`, and have the timelock register it.";
  return [fail(name, `The sender is ${address}, rules are ${program}'s to send.`, wayOut)];
}

interface RulePlace {
  readonly permission: RulePermission;
  readonly selector: Hex;
}

/** What stands against rules on one function; nothing where they may be set. */
async function checkPlace(
  endpoint: Endpoint,
  { breaker, rules }: Policy,
  { permission: { target, kinds }, selector }: RulePlace,
): Promise<readonly Check[]> {
  const { program } = rules!;
  const ask = async (data: Hex) => (await endpoint.request("eth_call", [{ to: breaker, data }, "latest"])) as Hex;
  const kind = decodeFunctionResult({
    ...{ abi, functionName: "kindOf" },
    data: await ask(encodeFunctionData({ abi, functionName: "kindOf", args: [target, selector] })),
  });
  const what = `${selector} of ${target}`;
  if (!isPausable(kind))
    return [
      kind === 0
        ? fail(name, `The breaker does not know ${what}.`, "Have the timelock register it as guarded (`register`).")
        : fail(name, `${what} lets people out of risk: no rule may stand there.`, "Take it out of `policy.rules`."),
    ];
  const checks: Check[] = [];
  const isProgram = await ask(
    encodeFunctionData({ abi, functionName: "isProgram", args: [program, target, selector] }),
  );
  if (BigInt(isProgram) === 0n)
    checks.push(
      fail(
        name,
        `${program} is no program of the breaker ${breaker} for ${what}: its rule would be refused.`,
        "Name it under `programs` of testudo.deploy.ts and run `testudo deploy`, or have the timelock call `register` with `programs: [{ caller, target, selector }]`.",
      ),
    );
  if (kind === external && kinds.includes("NO_SAME_BLOCK"))
    checks.push(
      fail(name, `NO_SAME_BLOCK on ${what} needs mixin or gate, and it asks the breaker.`, "Take the kind out."),
    );
  return checks;
}
