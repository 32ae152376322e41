/** Volume cut into buckets of equal size: `full` holds each bucket's buying and selling, oldest first; `open` the one that fills. */
export interface VolumeBuckets {
  readonly full: readonly (readonly [buy: number, sell: number])[];
  readonly open: readonly [buy: number, sell: number];
}

export const noBuckets: VolumeBuckets = { full: [], open: [0, 0] };

/**
 * `buckets` with a trade of `signed` volume (positive: the taker buys) poured in, and the last `keep` full ones. A large
 * trade fills several; one that would fill more than `keep` leaves `keep` of its own side.
 */
export function pourVolume(buckets: VolumeBuckets, signed: number, size: number, keep: number): VolumeBuckets {
  const side = signed > 0 ? 0 : 1;
  let left = Math.min(Math.abs(signed), size * (keep + 1));
  const full = [...buckets.full];
  let open: [number, number] = [buckets.open[0], buckets.open[1]];
  while (left > 0) {
    const room = size - open[0] - open[1];
    const part = Math.min(left, room);
    open[side] += part;
    left -= part;
    // Compared with what is left of the room, so that rounding cannot leave a bucket open for ever.
    if (part < room) break;
    full.push(open);
    open = [0, 0];
  }
  return { full: full.slice(-keep), open };
}

/**
 * VPIN = Σ |buy − sell| / (n · V) over the full buckets, 0..1; undefined without one. The side of a trade is known on
 * chain, so volume is not split in bulk by price changes.
 *
 * Source: Easley, López de Prado, O'Hara 2012, "Flow Toxicity and Liquidity in a High-frequency World".
 */
export function vpinOf({ full }: VolumeBuckets): number | undefined {
  if (full.length === 0) return undefined;
  const all = full.reduce((sum, [buy, sell]) => sum + buy + sell, 0);
  return all > 0 ? full.reduce((sum, [buy, sell]) => sum + Math.abs(buy - sell), 0) / all : undefined;
}

/** Order-flow imbalance Σ s·q / Σ |q| over the full buckets, −1 (all sell) to 1 (all buy); undefined without one. */
export function imbalanceOf({ full }: VolumeBuckets): number | undefined {
  const [bought, sold] = full.reduce(([b, s], [buy, sell]) => [b + buy, s + sell] as const, [0, 0] as const);
  return bought + sold > 0 ? (bought - sold) / (bought + sold) : undefined;
}
