import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { RuleKind } from "@testudo/core/model/GuardRule";
import type { DeriveBounds, DerivePermission } from "@testudo/core/model/Policy";
import { type Check, warn } from "./Check.ts";

const name = "derived rules";
const methodUnknown = -32_601;

/** What keeps rules from being derived: kinds that nothing in the policy can make, and a node that cannot trace. */
export async function checkDeriving(endpoint: Endpoint, { permissions }: DeriveBounds): Promise<readonly Check[]> {
  const idle = permissions.flatMap((permission) => {
    const kinds = permission.kinds.filter((kind) => isIdle(kind, permission));
    if (kinds.length === 0) return [];
    const text = `${kinds.join(", ")} of ${permission.target} will never be derived.`;
    return [warn(name, text, "Name `amounts` (with `lowestMax` or `highestMin`) or `oracles`, or take the kind out.")];
  });
  if (await canTrace(endpoint)) return idle;
  const text = "The node has no debug_traceTransaction: an attack is recorded from proofs, or not at all.";
  return [...idle, warn(name, text, "Name a node that has the debug namespace.")];
}

function isIdle(kind: RuleKind, { amounts, oracles }: DerivePermission): boolean {
  if (kind === "ARG_MAX") return amounts.every(({ lowestMax }) => lowestMax === undefined);
  if (kind === "ARG_MIN") return amounts.every(({ highestMin }) => highestMin === undefined);
  return kind === "ORACLE_DELAY" && oracles.length === 0;
}

/** Whether the node knows the method; that it knows no such transaction says that it does. */
async function canTrace(endpoint: Endpoint): Promise<boolean> {
  try {
    await endpoint.request("debug_traceTransaction", [`0x${"0".repeat(64)}`, { tracer: "prestateTracer" }]);
    return true;
  } catch (error) {
    return !(error instanceof RpcRefused && error.code === methodUnknown);
  }
}
