import type { Candidate, Disputed } from "@testudo/chain/nodes/Dispute";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";

/**
 * The branches that are not followed after `told`, where they were `before`. A node that is not named at this height has not
 * come that far, or is away: it stays with those whose branch it showed, or by itself.
 */
export function mergeDisputed(before: readonly Candidate[], { taken, others }: Disputed): readonly Candidate[] {
  const named = [taken, ...others].flatMap(({ endpoints }) => endpoints);
  const merged = others.map((candidate) => ({ ...candidate }));
  for (const { ref, endpoints } of before) {
    const silent = endpoints.filter((endpoint) => !has(named, endpoint));
    if (silent.length === 0) continue;
    const joined = merged.find((candidate) => candidate.endpoints.some((endpoint) => has(endpoints, endpoint)));
    if (joined === undefined) merged.push({ ref, endpoints: silent });
    else joined.endpoints = [...joined.endpoints, ...silent];
  }
  return merged;
}

function has(endpoints: readonly Endpoint[], { url }: Endpoint): boolean {
  return endpoints.some((endpoint) => endpoint.url === url);
}
