import { fileURLToPath } from "node:url";
import type { IncidentResult } from "testudo/backtest/incidents/IncidentResult";
import { renderIncidents } from "testudo/backtest/incidents/renderIncidents";

/** Where the page stands. */
export const corpusFile = fileURLToPath(new URL("../../../docs/corpus.md", import.meta.url));

/** The page that tells of the corpus, by what was measured. */
export function corpusPage(results: readonly IncidentResult[]): string {
  return `# Incident corpus

Published incidents, each rebuilt as a small contract with its weakness, played on a local chain and judged by the production
detectors. Before the attack come ordinary use and a benign twin: the same calls into the protected contracts with honest inputs.
Columns: the first finding of high or critical, by its block against the one in which others lose; all detectors that spoke
about the attack, each at its highest; whether those that have to tell it did; who told the damage; and all that was said of
ordinary use and the twin, where nothing is high.

Losses in USD as published, those marked * from general knowledge. What a row shows is that the mechanism is seen where it is as
plain as here: an upper bound of what is seen in the field. Compromise of a signer's interface (Bybit 2025) is out of scope.

\`testudo backtest --scenario corpus\` plays it all and prints this table, \`--scenario NAME\` one row (${results.map(({ name }) => name).join(", ")}).
\`node examples/dist/corpus/writeCorpus.js\` writes this page; a test compares it with what it measures.

${renderIncidents(results)}
`;
}
