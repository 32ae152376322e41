import { type Assets, sayAmounts, sayShare } from "@testudo/lab/forensics/amounts";
import type { ForensicReport } from "@testudo/lab/forensics/Report";

/** What signs are called where the verdict is that there was no attack. */
export const signsAlone = "Signs that honest use has too";

/** The report in a few lines for a terminal. */
export function describeReport(report: ForensicReport): string[] {
  const assets: Assets = new Map(report.assets.map((asset) => [asset.asset, asset]));
  const { verdict, sentence, classification, rootCause, parties, losses, defences, limits } = report;
  return [
    `${verdict}: ${sentence}`,
    ...section(
      verdict === "ordinary" ? signsAlone : "What kind of attack",
      classification.map(({ title, confidence, evidence }) => `${title} (${confidence}): ${evidence[0]?.text ?? ""}`),
    ),
    ...section("Root cause, as far as the trace shows", rootCause === null ? [] : [rootCause.hypothesis]),
    ...section(
      "Parties",
      parties.slice(0, 12).map(({ name, net, id }) => {
        const gained = net.filter(({ amount }) => amount > 0n);
        const lost = net.filter(({ amount }) => amount < 0n).map(({ asset, amount }) => ({ asset, amount: -amount }));
        const share = Math.max(0, ...losses.filter(({ party }) => party === id).map((loss) => loss.share ?? 0));
        const parts = [
          ...(gained.length > 0 ? [`gained ${sayAmounts(assets, gained)}`] : []),
          ...(lost.length > 0
            ? [`lost ${sayAmounts(assets, lost)}${share > 0 ? ` (up to ${sayShare(share)} of its holdings)` : ""}`]
            : []),
        ];
        return `${name} ${parts.join(", ") || "has as much as before"}`;
      }),
    ),
    ...section(
      "What our modules would have done",
      defences.map(({ module, effect }) => `${module}: ${effect}`),
    ),
    ...section("What is not known", limits),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}
