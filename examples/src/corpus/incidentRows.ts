// The corpus: what the command line and the tests play.
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { gmx } from "./rows/gmx.ts";
import { jelly } from "./rows/jelly.ts";
import { mango } from "./rows/mango.ts";
import { perpetualProtocol } from "./rows/perpetualProtocol.ts";
import { perpPair } from "./rows/perpPair.ts";

export const incidentRows: readonly IncidentRow[] = [perpPair, perpetualProtocol, gmx, jelly, mango];
