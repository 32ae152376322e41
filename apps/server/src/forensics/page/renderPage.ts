import { type Assets, sayAmounts, sayShare } from "@testudo/lab/forensics/amounts";
import type { Classified, ForensicReport } from "@testudo/lab/forensics/Report";
import { escapeHtml } from "../../backtest/escapeHtml.ts";
import { signsAlone } from "../describeReport.ts";
import { callTree } from "./callTree.ts";
import { flowGraph } from "./flowGraph.ts";
import { style } from "./style.ts";
import { at, oracleTable, partiesTable, stateTable } from "./tables.ts";

/**
 * The report as one page that stands by itself: no script, no font, nothing from elsewhere. Every word out of contracts is
 * escaped, and a policy in the page refuses what would slip through.
 */
export function renderPage(report: ForensicReport): string {
  const assets: Assets = new Map(report.assets.map((asset) => [asset.asset, asset]));
  const names = new Map(
    report.parties.flatMap(({ addresses, name }) => addresses.map((address) => [address, name] as const)),
  );
  const nameOf = (address: string) =>
    names.get(address as `0x${string}`) ?? assets.get(address)?.symbol ?? `${address.slice(0, 6)}…${address.slice(-4)}`;
  const sections = [
    causeOf(report, nameOf),
    section(
      "Flow of value",
      "What went to and from whoever acted, in the whole transaction.",
      flowGraph(report, assets),
    ),
    pair(report),
    section("Timeline", "The steps that matter, each with its call in the tree below.", timeline(report)),
    section(
      "Parties",
      "The net of everybody who took part; the actor's contracts count as one.",
      partiesTable(report, assets),
    ),
    section(
      "Prices that were read",
      "By others than the actor: what the source said, and what the same question answers on the state before.",
      oracleTable(report.oracleReads, nameOf),
    ),
    section("State that changed", "Control first, then each account.", stateTable(report, assets, nameOf)),
    section("Call tree", "Opens and closes by a click.", callTree(report.callTree, assets)),
    findingsOf(report),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>Forensics of ${escapeHtml(report.transaction.hash.slice(0, 10))}</title>
<style>${style}</style>
</head>
<body>
${headerOf(report, assets)}
<main>
${sections.join("\n")}
</main>
${footerOf(report)}
</body>
</html>
`;
}

function headerOf(
  { transaction, verdict, sentence, chainId, parties, losses }: ForensicReport,
  assets: Assets,
): string {
  const { hash, from, blockNumber, timestamp, gasUsed, succeeded, error } = transaction;
  const [actor] = parties;
  const gained = actor?.net.filter(({ amount }) => amount > 0n) ?? [];
  const share = Math.max(0, ...losses.map((loss) => loss.share ?? 0));
  const victims = parties.filter(({ role }) => role === "victim").length;
  const facts = [
    fact("transaction", `<code>${escapeHtml(hash)}</code>`, true),
    fact("sent by", `<code>${escapeHtml(from)}</code>`, true),
    fact("result", succeeded ? "succeeded" : `failed: ${escapeHtml(error ?? "")}`),
    fact("gas", gasUsed === null ? "unknown" : gasUsed.toLocaleString("en")),
    ...(verdict === "ordinary"
      ? []
      : [
          fact("gained", gained.length === 0 ? "nothing" : escapeHtml(sayAmounts(assets, gained, 2)), true),
          fact("victims", `${victims}`),
          fact("largest loss", share === 0 ? "unknown" : `${sayShare(share)} of holdings`),
        ]),
  ];
  return `<header><div class="kicker"><span class="chip ${verdict}">${verdict}</span><span>chain ${chainId}</span><span>block ${blockNumber.toLocaleString("en")}</span><time datetime="${timeOf(timestamp)}">${timeOf(timestamp).replace("T", " ").replace(".000Z", " UTC")}</time></div>
<h1>${escapeHtml(sentence)}</h1><dl class="facts">${facts.join("")}</dl></header>`;
}

function fact(name: string, value: string, isFull = false): string {
  return `<div${isFull ? ` class="full"` : ""}><dt>${name}</dt><dd>${value}</dd></div>`;
}

// A made-up block may have any number for its time.
function timeOf(seconds: bigint): string {
  return new Date(Math.min(Number(seconds), 8.64e12) * 1_000).toISOString();
}

function section(title: string, lead: string, body: string): string {
  return `<section><h2>${title}</h2><p class="lead">${lead}</p>${body}</section>`;
}

function causeOf({ rootCause, verdict, classification }: ForensicReport, nameOf: (address: string) => string): string {
  if (verdict === "ordinary") return "";
  if (rootCause === null)
    return `<section><h2>Root cause</h2><p class="lead">A hypothesis from the trace alone.</p><p>${classification.length === 0 ? "Nothing in the trace says by which weakness." : "What was seen pays for an attack; by which weakness it went, the trace does not show."}</p></section>`;
  const { hypothesis, contract, call, confidence } = rootCause;
  const title = classification.find((one) => one.class === rootCause.class)?.title ?? rootCause.class;
  const where =
    contract === null
      ? ""
      : `<p class="where">At <b>${escapeHtml(nameOf(contract))}</b> <code>${escapeHtml(contract)}</code>${call === null ? "" : `, call ${at(call)}`}</p>`;
  return `<section><h2>Root cause</h2><p class="lead">A hypothesis from the trace alone.</p><div class="cause"><b>${escapeHtml(title)}</b> <span class="chip ${confidence}">${confidence}</span><p>${escapeHtml(hypothesis)}</p>${where}</div></section>`;
}

function pair({ classification, defences, verdict }: ForensicReport): string {
  const seen = `<ul class="evidence">${classification.map(classItem).join("") || `<li class="muted">No sign of an attack that is known.</li>`}</ul>`;
  const stood = `<ul class="evidence">${defences.map(({ module, effect }) => `<li><h3>${escapeHtml(module)}</h3><p>${escapeHtml(effect)}</p></li>`).join("") || `<li class="muted">Nothing to stand against.</li>`}</ul>`;
  const left = `<section><h2>${verdict === "ordinary" && classification.length > 0 ? signsAlone : "What kind of attack"}</h2><p class="lead">More than one may hold.</p>${seen}</section>`;
  const right = `<section><h2>What our modules would have done</h2><p class="lead">With the figures of this transaction.</p>${stood}</section>`;
  return verdict === "ordinary" ? left : `<div class="pair">${left}${right}</div>`;
}

function classItem({ title, confidence, evidence }: Classified): string {
  const items = evidence.map(
    ({ text, call }) => `<li>${escapeHtml(text)}${call === undefined ? "" : ` ${at(call)}`}</li>`,
  );
  return `<li><h3>${escapeHtml(title)} <span class="chip ${confidence}">${confidence}</span></h3><ul>${items.join("")}</ul></li>`;
}

function timeline({ timeline: steps }: ForensicReport): string {
  return `<ol class="line">${steps.map(({ kind, text, call }) => `<li class="${kind}">${escapeHtml(text)} <span class="key">${at(call)}</span></li>`).join("")}</ol>`;
}

function findingsOf({ findings }: ForensicReport): string {
  if (findings.length === 0) return "";
  const items = findings
    .slice(0, 20)
    .map(
      ({ severity, detector, reason }) =>
        `<li><h3><span class="chip ${severity}">${severity}</span> ${escapeHtml(detector)}</h3><p>${escapeHtml(reason)}</p></li>`,
    );
  const rest = findings.length - items.length;
  const more = rest > 0 ? `<p class="muted">${rest} more are in the JSON.</p>` : "";
  return section(
    "What the detectors said",
    "The same that run on every block, over this transaction alone.",
    `<ul class="evidence">${items.join("")}</ul>${more}`,
  );
}

function footerOf({ limits, format, transaction }: ForensicReport): string {
  const before =
    transaction.before.length === 0
      ? ""
      : `<p>Made ready by ${transaction.before.map((hash) => `<code>${escapeHtml(hash)}</code>`).join(", ")}</p>`;
  return `<footer>${before}<p><b>What is not known</b></p><ul>${limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("")}</ul><p>${format}</p></footer>`;
}
