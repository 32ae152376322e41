// Plays the corpus and writes docs/corpus.md.
import { writeFileSync } from "node:fs";
import { incidentSource } from "testudo/backtest/incidents/incidentSource";
import { corpusFile, corpusPage } from "./corpusPage.ts";
import { incidentRows } from "./incidentRows.ts";

const source = incidentSource(incidentRows);
for await (const _ of source.cases(new AbortController().signal, () => {}));
writeFileSync(corpusFile, corpusPage(source.incidents));
