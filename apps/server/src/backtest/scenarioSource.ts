import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { blockNumber } from "../drill/DrillClock.ts";
import { genesisSeconds } from "../drill/playNaive.ts";
import type { Scenario } from "../drill/Scenario.ts";
import type { EmptyBlock } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { rangeSource } from "./rangeSource.ts";
import type { Label } from "./readLabels.ts";

/** Scenarios of the drill, played without defence on a local chain whose blocks are then judged like those of any node. */
export function scenarioSource(scenarios: readonly Scenario[], seed: number): CaseSource {
  const hashes = new Map<string, string>();
  const emptyBlocks: EmptyBlock[] = [];
  let seconds = 0;
  return {
    kind: "scenario",
    hashes,
    emptyBlocks,
    coveredSeconds: () => seconds,
    async *cases(signal, onProgress) {
      for (const scenario of scenarios) {
        if (signal.aborted) return;
        const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds, args: scenario.anvilArgs ?? [] });
        try {
          onProgress({ done: 0, total: undefined, what: `playing ${scenario.name}` });
          const range = rangeSource(await play(scenario, anvil, seed));
          yield* range.cases(signal, onProgress);
          seconds += range.coveredSeconds();
          emptyBlocks.push(...(range.emptyBlocks ?? []));
          for (const [name, hash] of range.hashes) hashes.set(name, hash);
        } finally {
          await anvil.stop();
        }
      }
    },
  };
}

async function play(scenario: Scenario, anvil: Anvil, seed: number) {
  const endpoint = openEndpoint(anvil.url);
  const stage = await scenario.setup({ rpcUrl: anvil.url, seed });
  const from = (await blockNumber(endpoint)) + 1n;
  const labels = new Map<Hex, Label>();
  for (let slot = 0; slot < stage.slots; slot += 1) {
    for (const { hash, role } of await stage.act(slot))
      labels.set(hash, { truth: role, name: scenario.name, mechanism: scenario.kind });
    await endpoint.request("evm_mine");
  }
  const chainId = Number((await endpoint.request("eth_chainId")) as Hex);
  const named = stage.protect.map(({ address }) => toLower(address));
  const watched = named.length > 0 ? named : await calledBy(endpoint, labels);
  const program: Program = { chainId, watched, detectors: zeroConfigDetectors(), playbooks: [], policy: null };
  return {
    endpoints: [endpoint],
    program,
    from,
    to: await blockNumber(endpoint),
    labels,
    kind: "scenario" as const,
    name: scenario.name,
  };
}

/** What honest users call. A protocol that stands bare names nothing to protect. */
async function calledBy(endpoint: Endpoint, labels: ReadonlyMap<Hex, Label>): Promise<Address[]> {
  const honest = [...labels].flatMap(([hash, { truth }]) => (truth === "benign" ? [hash] : []));
  const answers = await endpoint.batch(honest.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })));
  const called = answers.flatMap((answer) => (answer.ok ? [(answer.result as { to: Address | null }).to] : []));
  return [...new Set(called.flatMap((to) => (to === null ? [] : [toLower(to)])))];
}
