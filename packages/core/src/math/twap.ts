/** A price from `timestamp` (Unix seconds) until the next sample. */
export type Sample = readonly [timestamp: number, price: number];

/** `samples` with one more, without those that ended before the span and at most `limit` long (oldest fall away). */
export function addSample(samples: readonly Sample[], sample: Sample, spanSeconds: number, limit = 256): Sample[] {
  const all = samples.at(-1)?.[0] === sample[0] ? [...samples.slice(0, -1), sample] : [...samples, sample];
  const oldest = sample[0] - spanSeconds;
  const firstInside = all.findIndex(([start]) => start > oldest);
  return all.slice(Math.max(0, firstInside - 1)).slice(-limit);
}

/** Time-weighted mean of `samples` over the `spanSeconds` before `now`; undefined where they do not cover half of the span. */
export function twapOf(samples: readonly Sample[], now: number, spanSeconds: number): number | undefined {
  const start = now - spanSeconds;
  let weighted = 0;
  let covered = 0;
  for (const [index, [from, price]] of samples.entries()) {
    const until = samples[index + 1]?.[0] ?? now;
    const seconds = Math.min(until, now) - Math.max(from, start);
    if (seconds <= 0) continue;
    weighted += price * seconds;
    covered += seconds;
  }
  return covered * 2 >= spanSeconds && covered > 0 ? weighted / covered : undefined;
}
