import type { Attacker } from "./Attacker.ts";
import { openPricer, type Pricer } from "./costOfMove.ts";
import type { Exposure } from "./Exposure.ts";
import { type Headroom, leastHeadroom } from "./headroom.ts";
import type { Oracle } from "./Oracle.ts";

/** Security Greeks of the headroom. A step moves the least attack along where another becomes the best. */
export interface HeadroomGreeks {
  /** dH/dlnD, exact at the best attack: what pools charge is in proportion to their depth. Capital stays as it is. */
  readonly perLogDepth: number;
  /** H of windows one block longer, less H: a difference, n being whole. Undefined where no attack is left. */
  readonly perBlock?: number;
  /** dH/dLTV, a central difference of 1e-4. Undefined where the gain does not say how it depends on it. */
  readonly perLtv?: number;
}

/** H after a source is lost, by the worse of two ways; undefined where no attack pays or none can be made. */
export interface LostSource {
  readonly source: string;
  readonly headroom?: number;
  /** It answers what the attacker wants. */
  readonly captured?: number;
  /** It is taken out, and the rule goes on with the others; undefined, too, where it was the last. */
  readonly gone?: number;
}

export interface HeadroomReport {
  /** Both undefined where no attack can be made and gains anything. */
  readonly headroom?: Headroom;
  readonly greeks?: HeadroomGreeks;
  readonly lost: readonly LostSource[];
}

const ltvStep = 1e-4;

/**
 * The headroom of an oracle with its sensitivities and what each source is worth. A weak source that leaves a median makes
 * the rest dearer to move; the report gives no credit for that, as the same weakness could have stayed: without a
 * source H is never higher than with it (RISK-62).
 */
export function headroomReport(oracle: Oracle, attacker: Attacker, exposure: Exposure): HeadroomReport {
  const pricer = openPricer(attacker);
  const headroom = leastHeadroom(oracle, pricer, exposure);
  const lost = Object.freeze(oracle.sources.map(({ id }) => loseSource(id, oracle, pricer, exposure)));
  if (headroom === undefined) return Object.freeze({ lost });
  const greeks = Object.freeze({
    perLogDepth: headroom.attack.poolCost / headroom.gain,
    ...perBlock(headroom, oracle, pricer, exposure),
    ...perLtv(oracle, pricer, exposure),
  });
  return Object.freeze({ headroom, greeks, lost });
}

function loseSource(id: string, oracle: Oracle, pricer: Pricer, exposure: Exposure): LostSource {
  const rest = oracle.sources.filter((source) => source.id !== id);
  const captured = leastHeadroom(oracle, pricer, exposure, { captured: [id] })?.value;
  const gone = rest.length === 0 ? undefined : leastHeadroom({ ...oracle, sources: rest }, pricer, exposure)?.value;
  const values = [captured, gone].filter((value) => value !== undefined);
  return Object.freeze({
    source: id,
    ...(values.length > 0 && { headroom: Math.min(...values) }),
    ...(captured !== undefined && { captured }),
    ...(gone !== undefined && { gone }),
  });
}

function perBlock(headroom: Headroom, oracle: Oracle, pricer: Pricer, exposure: Exposure): { perBlock?: number } {
  const sources = oracle.sources.map((source) =>
    source.kind === "twap" ? { ...source, blocks: source.blocks + 1 } : source,
  );
  const longer = leastHeadroom({ ...oracle, sources }, pricer, exposure)?.value;
  return longer === undefined ? {} : { perBlock: longer - headroom.value };
}

function perLtv(oracle: Oracle, pricer: Pricer, exposure: Exposure): { perLtv?: number } {
  if (exposure.ltv === undefined) return {};
  const at = (ltv: number) => leastHeadroom(oracle, pricer, exposure, { ltv })?.value;
  const [below, above] = [at(exposure.ltv - ltvStep), at(exposure.ltv + ltvStep)];
  return below === undefined || above === undefined ? {} : { perLtv: (above - below) / (2 * ltvStep) };
}
