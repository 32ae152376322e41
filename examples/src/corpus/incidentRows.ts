// The corpus: what the command line and the tests play.
import type { IncidentRow } from "testudo/backtest/incidents/IncidentRow";
import { bonqDao } from "./rows/bonqDao.ts";
import { capo } from "./rows/capo.ts";
import { emptyMarket } from "./rows/emptyMarket.ts";
import { euler } from "./rows/euler.ts";
import { futureswap } from "./rows/futureswap.ts";
import { gmx } from "./rows/gmx.ts";
import { hegic } from "./rows/hegic.ts";
import { jelly } from "./rows/jelly.ts";
import { kelpDao } from "./rows/kelpDao.ts";
import { kiloEx } from "./rows/kiloEx.ts";
import { level } from "./rows/level.ts";
import { mango } from "./rows/mango.ts";
import { moonwell } from "./rows/moonwell.ts";
import { opyn } from "./rows/opyn.ts";
import { perpetualProtocol } from "./rows/perpetualProtocol.ts";
import { perpPair } from "./rows/perpPair.ts";
import { radiantKeys } from "./rows/radiantKeys.ts";
import { rounding } from "./rows/rounding.ts";
import { sharwaMargin } from "./rows/sharwaMargin.ts";
import { spotPrice } from "./rows/spotPrice.ts";
import { venusThe } from "./rows/venusThe.ts";

export const incidentRows: readonly IncidentRow[] = [
  perpPair,
  perpetualProtocol,
  sharwaMargin,
  futureswap,
  gmx,
  kiloEx,
  jelly,
  hegic,
  level,
  opyn,
  mango,
  capo,
  euler,
  emptyMarket,
  spotPrice,
  bonqDao,
  rounding,
  kelpDao,
  radiantKeys,
  moonwell,
  venusThe,
];
