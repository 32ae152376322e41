// Plots as SVG, without a script. Colours are variables of the page, so that both themes are one picture.
import { escapeHtml } from "./escapeHtml.ts";
import type { Rate } from "./evaluate.ts";
import type { Latency, TimeBin } from "./Report.ts";

const width = 640;
// Of a mark with its text, in the letters of a phone.
const markWidth = 130;
const labelWidth = 70;

/** Bars of alerts over time, critical at the bottom. Undefined where nothing was said. */
export function alertsPlot(bins: readonly TimeBin[]): string | undefined {
  const most = Math.max(0, ...bins.map((bin) => bin.critical + bin.high + bin.lower));
  if (most === 0) return undefined;
  const [height, top, left, bottom] = [200, 10, 44, 28];
  const [from, to] = [bins[0]!.at, bins.at(-1)!.at];
  const barWidth = Math.max(3, Math.min(28, (width - left - 10) / Math.max(bins.length, 1) - 2));
  const span = Math.max(1, to - from);
  const x = (at: number) => left + ((at - from) / span) * (width - left - 12 - barWidth);
  const scale = (height - top - bottom) / most;
  const bars = bins.flatMap((bin) => {
    let y = height - bottom;
    return (["critical", "high", "lower"] as const).map((level) => {
      const size = bin[level] * scale;
      y -= size;
      if (size === 0) return "";
      const told = `${dayOf(bin.at)}: ${bin[level]} ${level === "lower" ? "medium or less" : level}`;
      return `<rect class="${level}" x="${fix(x(bin.at))}" y="${fix(y)}" width="${fix(barWidth)}" height="${fix(size)}"><title>${escapeHtml(told)}</title></rect>`;
    });
  });
  const ends =
    from === to
      ? [[x(from), dayOf(from), "start"]]
      : [
          [left, dayOf(from), "start"],
          [width - 12, dayOf(to), "end"],
        ];
  return svg(height, "Alerts over time", [
    axis(height - bottom, left),
    ...gridOf(most).map((value) => gridLine(height - bottom - value * scale, `${value}`, left)),
    ...bars,
    ...ends.map(
      ([at, text, anchor]) => `<text x="${fix(at as number)}" y="${height - 8}" text-anchor="${anchor}">${text}</text>`,
    ),
  ]);
}

/** The distribution of judging times: a bar for each power of two. */
export function latencyPlot({ histogram, p50, p95 }: Latency): string {
  const [height, top, left, bottom] = [216, 40, 44, 28];
  const first = histogram[0]![0];
  const last = histogram.at(-1)![0];
  const exponents = rangeOf(exponentOf(first), exponentOf(last));
  const counts = new Map(histogram.map(([from, count]) => [exponentOf(from), count]));
  const most = Math.max(...counts.values());
  const step = (width - left - 12) / exponents.length;
  const scale = (height - top - bottom) / most;
  const x = (ms: number) => left + (Math.max(exponents[0]!, Math.log2(Math.max(ms, 1e-6))) - exponents[0]!) * step;
  const bars = exponents.map((exponent, i) => {
    const count = counts.get(exponent) ?? 0;
    const told = `${msOf(2 ** exponent)} to ${msOf(2 ** (exponent + 1))}: ${count}`;
    return `<rect class="time" x="${fix(left + i * step + 1)}" y="${fix(height - bottom - count * scale)}" width="${fix(step - 2)}" height="${fix(count * scale)}"><title>${told}</title></rect>`;
  });
  const every = Math.ceil(exponents.length / 7);
  const labels = exponents.flatMap((exponent, i) =>
    i % every === 0 && left + i * step < width - labelWidth
      ? [`<text x="${fix(left + i * step)}" y="${height - 8}">${msOf(2 ** exponent)}</text>`]
      : [],
  );
  const marks = (
    [
      ["p50", p50],
      ["p95", p95],
    ] as const
  ).map(([name, ms], i) => {
    const at = x(ms);
    // At the right end there is no room for it.
    const isLast = at > width - markWidth;
    const [from, anchor] = isLast ? [at - 3, "end"] : [at + 3, "start"];
    return `<line class="mark" x1="${fix(at)}" x2="${fix(at)}" y1="${14 + i * 17}" y2="${height - bottom}"/><text x="${fix(from)}" y="${14 + i * 17}" text-anchor="${anchor}">${name} ${msOf(ms)}</text>`;
  });
  return svg(height, "Time to judge a transaction", [
    axis(height - bottom, left),
    ...gridOf(most).map((value) => gridLine(height - bottom - value * scale, `${value}`, left)),
    ...bars,
    ...marks,
    ...labels,
  ]);
}

/** A rate as a point with its interval on a line from 0 to 100 %. */
export function intervalPlot({ value, low, high }: Rate): string {
  if (value === null) return "";
  const x = (rate: number) => fix(4 + rate * 112);
  return `<svg class="rate" viewBox="0 0 120 16" role="img" aria-label="${(value * 100).toFixed(1)} percent"><line class="base" x1="4" x2="116" y1="8" y2="8"/><line class="span" x1="${x(low)}" x2="${x(high)}" y1="8" y2="8"/><circle cx="${x(value)}" cy="8" r="3.5"/></svg>`;
}

function svg(height: number, title: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${parts.join("")}</svg>`;
}

function axis(y: number, left: number): string {
  return `<line class="axis" x1="${left}" x2="${width - 12}" y1="${y}" y2="${y}"/>`;
}

function gridLine(y: number, label: string, left: number): string {
  return `<line class="grid" x1="${left}" x2="${width - 12}" y1="${fix(y)}" y2="${fix(y)}"/><text x="${left - 6}" y="${fix(y + 4)}" text-anchor="end">${label}</text>`;
}

// One, two or five times a power of ten, so that at most five lines stand.
function gridOf(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!);
  return rangeOf(1, Math.floor(most / step)).map((n) => n * step);
}

function rangeOf(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

// What takes less than a sixteenth of a millisecond is one class.
function exponentOf(fromMs: number): number {
  return fromMs === 0 ? -5 : Math.round(Math.log2(fromMs));
}

function msOf(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 1 ? `${ms.toFixed(ms < 10 ? 1 : 0).replace(/\.0$/, "")} ms` : `${(ms * 1_000).toFixed(0)} µs`;
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 10);
}

function fix(value: number): string {
  return value.toFixed(1);
}
