import { contenders } from "./backScan.mjs";
import { quantile, spreadOf } from "./statistics.mjs";

/** What is compared with what, and the ratio of events per second that is asked for. */
const comparisons = [
  { ours: "testudoAll", other: "ponder", target: 10 },
  { ours: "testudoLogs", other: "ponder", target: 10 },
  { ours: "testudoLogs", other: "forta", target: 2 },
  { ours: "testudoLogs", other: "bareLogs", target: 0.5 },
  { ours: "testudoAll", other: "forta", target: 2 },
  { ours: "testudoAll", other: "fortaTraces", target: 2 },
  // The same job: who reads traces alone is spared most of what the detectors ask a node for.
  { ours: "testudoAll", other: "fortaState", target: 2 },
  { ours: "testudoAll", other: "bareTraces", target: 0.5 },
  { ours: "testudoAll", other: "bareState", target: 0.5 },
  // No target: how near the node lets anybody come who fetches these traces.
  { ours: "bareTraces", other: "ponder" },
  { ours: "bareTraces", other: "forta" },
  { ours: "bareTraces", other: "fortaTraces" },
];
const latencyTargetMs = 250;

/** Rates of the contenders and their ratios, each ratio taken within one round. */
export function judgeBackScan(results) {
  const rates = (key) => results.get(key)?.map(({ events, ms }) => (events / ms) * 1000);
  const scanners = contenders
    .filter(({ key }) => results.has(key))
    .map(({ key, name }) => ({
      name,
      eventsPerSecond: spreadOf(rates(key)),
      wallMs: spreadOf(results.get(key).map(({ ms }) => ms)),
    }));
  const ratios = comparisons
    .filter(({ ours, other }) => results.has(ours) && results.has(other))
    .map(({ ours, other, target }) => {
      const others = rates(other);
      const ratio = spreadOf(
        rates(ours).map((rate, round) => rate / others[round]),
        2,
      );
      const verdict = target === undefined ? {} : { target, met: ratio.median >= target };
      return { ours: nameOf(ours), other: nameOf(other), ratio, ...verdict };
    });
  return { scanners, ratios };
}

/** Quantiles of one latency run, in milliseconds. */
export function judgeLatency(name, latencies) {
  const of = (key) => {
    const values = latencies.map((latency) => latency[key]);
    return { p50: quantile(values, 0.5), p95: quantile(values, 0.95), max: quantile(values, 1) };
  };
  const fromArrivalMs = of("fromArrivalMs");
  const met = fromArrivalMs.p95 < latencyTargetMs;
  return {
    name,
    blocks: latencies.length,
    fromArrivalMs,
    fromMiningMs: of("fromMiningMs"),
    targetMs: latencyTargetMs,
    met,
  };
}

function nameOf(key) {
  return contenders.find((contender) => contender.key === key).name;
}
