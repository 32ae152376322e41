import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import type { EvaluationCase } from "../Case.ts";
import type { CaseSource, SourceFault } from "../CaseSource.ts";
import { rangeSource } from "../rangeSource.ts";
import type { Label } from "../readLabels.ts";
import { type IncidentResult, resultOf } from "./IncidentResult.ts";
import { genesisSeconds, type IncidentRow } from "./IncidentRow.ts";

/** Rows of the incident corpus, each played on a chain of its own whose blocks are then judged like those of any node. */
export function incidentSource(rows: readonly IncidentRow[]): CaseSource & { readonly incidents: IncidentResult[] } {
  const hashes = new Map<string, string>();
  const incidents: IncidentResult[] = [];
  let seconds = 0;
  return {
    kind: "scenario",
    hashes,
    incidents,
    coveredSeconds: () => seconds,
    async *cases(signal, onProgress): AsyncGenerator<EvaluationCase | SourceFault> {
      for (const [i, row] of rows.entries()) {
        if (signal.aborted) return;
        onProgress({ done: i, total: rows.length, what: `playing ${row.name}` });
        const args = ["--auto-impersonate"];
        const anvil = await startAnvil({ noMining: true, timestamp: Number(genesisSeconds), args });
        const endpoint = openEndpoint(anvil.url, { timeoutMs: 60_000 });
        try {
          const play = await row.play({ rpcUrl: anvil.url });
          const labels = new Map(
            [...play.roles].map(([hash, truth]): [Hex, Label] => [
              hash,
              { truth, name: row.incident, mechanism: row.mechanism },
            ]),
          );
          const { watched, detectors, from, to } = play;
          const chainId = Number((await endpoint.request("eth_chainId")) as Hex);
          const program: Program = { chainId, watched, detectors, playbooks: [], policy: null };
          const [bundles, findings]: [BlockBundle[], Finding[]] = [[], []];
          const range = rangeSource({
            endpoints: [endpoint],
            program,
            from,
            to,
            labels,
            kind: "scenario",
            name: row.name,
            onFinding: (finding) => void findings.push(finding),
            onBundle: (bundle) => void bundles.push(bundle),
          });
          yield* range.cases(signal, () => {});
          seconds += range.coveredSeconds();
          for (const [name, hash] of range.hashes) hashes.set(name, hash);
          incidents.push(resultOf(row, play, bundles, findings));
        } finally {
          endpoint.close();
          await anvil.stop();
        }
      }
    },
  };
}
