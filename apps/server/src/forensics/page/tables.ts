// Parties, losses, prices and state as tables that become lists on a narrow screen.
import { type Assets, sayAmount, sayChange, sayShare } from "@testudo/lab/forensics/amounts";
import type { AssetAmount, ContractChange, ForensicReport, OracleRead, Party } from "@testudo/lab/forensics/Report";
import { escapeHtml } from "../../backtest/escapeHtml.ts";
import { roleShown } from "./roleShown.ts";

const mostRows = 24;
const mostSlots = 24;

export function partiesTable({ parties, losses, flow }: ForensicReport, assets: Assets): string {
  const hasWorth = flow.currency !== null;
  const rows = parties.slice(0, mostRows).map((party) => {
    const share = Math.max(0, ...losses.filter(({ party: id }) => id === party.id).map((loss) => loss.share ?? 0));
    const cells = [
      `<td><span class="chip ${party.role}">${escapeHtml(roleShown(party))}</span> <b>${escapeHtml(nameIn(party))}</b><br>${addressesOf(party)}</td>`,
      `<td data-label="gained">${amounts(
        party.net.filter(({ amount }) => amount > 0n),
        assets,
        "gain",
      )}</td>`,
      `<td data-label="lost">${amounts(
        party.net.filter(({ amount }) => amount < 0n),
        assets,
        "loss",
      )}</td>`,
      `<td class="number" data-label="of holdings">${share > 0 ? sayShare(share) : "–"}</td>`,
      ...(hasWorth ? [`<td class="number" data-label="${escapeHtml(flow.currency!)}">${worth(party)}</td>`] : []),
    ];
    return `<tr>${cells.join("")}</tr>`;
  });
  const heads = ["", "gained", "lost"].map((head) => `<th scope="col">${head}</th>`).join("");
  const money = hasWorth ? `<th scope="col" class="number">${escapeHtml(flow.currency!)}</th>` : "";
  const rest = parties.length - rows.length;
  const more = rest > 0 ? `<p class="muted">${rest} more are in the JSON.</p>` : "";
  return `<table><thead><tr>${heads}<th scope="col" class="number">of what it held</th>${money}</tr></thead><tbody>${rows.join("")}</tbody></table>${more}`;
}

function nameIn(party: Party): string {
  return party.name.startsWith(`${roleShown(party)} `) ? "" : party.name;
}

function addressesOf({ addresses }: Party): string {
  const shown = addresses.slice(0, 4).map((address) => `<code>${escapeHtml(address)}</code>`);
  const rest = addresses.length - shown.length;
  return `${shown.join("<br>")}${rest > 0 ? `<br><span class="muted">and ${rest} more</span>` : ""}`;
}

function amounts(list: readonly AssetAmount[], assets: Assets, kind: "gain" | "loss"): string {
  if (list.length === 0) return "–";
  const shown = list.slice(0, 8).map(({ asset, amount }) => {
    const size = amount < 0n ? -amount : amount;
    return `<span class="amounts ${kind}">${kind === "gain" ? "+" : "−"}${escapeHtml(sayAmount(assets, asset, size))}</span>`;
  });
  const rest = list.length - shown.length;
  return `<span class="amounts">${shown.join("")}${rest > 0 ? `<span class="muted">and ${rest} more</span>` : ""}</span>`;
}

function worth({ worth: sum }: Party): string {
  if (sum === null) return "–";
  return `${sum < 0 ? "−" : ""}${Math.abs(sum).toLocaleString("en", { maximumFractionDigits: 2 })}`;
}

export function oracleTable(reads: readonly OracleRead[], nameOf: (address: string) => string): string {
  if (reads.length === 0) return `<p class="muted">Nobody but the actors read a price in a way that is known.</p>`;
  const told = merged(reads).slice(0, mostRows);
  const rows = told.map(({ read, times }) => {
    const trades = read.movedBy.filter(({ change }) => Math.abs(change) >= 0.005).slice(0, 3);
    const by =
      trades.length === 0
        ? "–"
        : trades.map(({ call, change }) => `${at(call)} ${escapeHtml(sayChange(change))}`).join(", ");
    const moved = read.change === null ? "unknown" : sayChange(read.change);
    const grave = read.change !== null && Math.abs(read.change) >= 0.02 ? ` class="loss"` : "";
    return `<tr><td data-label="read">${at(read.call)} <code>${escapeHtml(read.method)}</code>${times > 1 ? ` <span class="muted">${times} times</span>` : ""}</td><td data-label="by">${escapeHtml(nameOf(read.reader))}</td><td data-label="of">${escapeHtml(nameOf(read.source))}</td><td data-label="before"><code>${figure(read.before)}</code></td><td data-label="inside"><code>${figure(read.inside)}</code></td><td data-label="change"><span${grave}>${escapeHtml(moved)}</span></td><td data-label="moved by">${by}</td></tr>`;
  });
  const heads = ["read", "by", "of", "before", "inside", "change", "moved by"];
  const rest = merged(reads).length - told.length;
  return `<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>${rest > 0 ? `<p class="muted">${rest} more are in the JSON.</p>` : ""}`;
}

/** The same read with the same answer is told once. The largest changes stand first. */
function merged(reads: readonly OracleRead[]): { read: OracleRead; times: number }[] {
  const found = new Map<string, { read: OracleRead; times: number }>();
  for (const read of reads) {
    const key = `${read.reader}${read.source}${read.method}${read.inside}`;
    found.set(key, { read: found.get(key)?.read ?? read, times: (found.get(key)?.times ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => Math.abs(b.read.change ?? 0) - Math.abs(a.read.change ?? 0));
}

function figure(value: bigint | null): string {
  if (value === null) return "–";
  const text = value.toString();
  return text.length > 24
    ? `${text[0]}.${text.slice(1, 5)} × 10^${text.length - 1}`
    : text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function at(call: number): string {
  return `<a class="at" href="#call-${call}">#${call}</a>`;
}

export function stateTable(
  { stateChanges }: ForensicReport,
  assets: Assets,
  nameOf: (address: string) => string,
): string {
  const { isKnown, contracts, control } = stateChanges;
  if (!isKnown && control.length === 0) return `<p class="muted">What changed in storage is not known.</p>`;
  const told = control.map(({ address, what, before, after, call }) => {
    const change = before === null ? escapeHtml(after ?? "") : `${escapeHtml(before)} → ${escapeHtml(after ?? "")}`;
    return `<li><h3><span class="chip attack">${escapeHtml(what)}</span> ${escapeHtml(nameOf(address))}${call === null ? "" : ` ${at(call)}`}</h3><p><code>${change}</code></p></li>`;
  });
  const shown = contracts.slice(0, 40);
  const rest = contracts.length - shown.length;
  const blocks = shown.map((change) => block(change, assets, nameOf));
  return `${told.length === 0 ? "" : `<ul class="evidence">${told.slice(0, mostRows).join("")}</ul>`}${blocks.join("")}${rest > 0 ? `<p class="muted">${rest} more accounts are in the JSON.</p>` : ""}`;
}

function block(change: ContractChange, assets: Assets, nameOf: (address: string) => string): string {
  const { address, balance, nonce, code, slots } = change;
  const parts = [
    ...(code === null ? [] : [`code ${code}`]),
    ...(balance === null
      ? []
      : [`balance ${sayAmount(assets, "native", balance.before)} → ${sayAmount(assets, "native", balance.after)}`]),
    ...(nonce === null ? [] : [`nonce ${nonce.before} → ${nonce.after}`]),
    ...(slots.length === 0 ? [] : [`${slots.length} slot${slots.length === 1 ? "" : "s"}`]),
  ];
  const head = `<b>${escapeHtml(nameOf(address))}</b> <code>${escapeHtml(address)}</code> <span class="muted">${escapeHtml(parts.join(" · "))}</span>`;
  if (slots.length === 0)
    return `<details class="block"><summary>${head}</summary><p class="muted">No slot of its storage changed.</p></details>`;
  const rows = slots
    .slice(0, mostSlots)
    .map(
      ({ slot, name, before, after }) =>
        `<tr><td data-label="slot">${name === null ? "" : `<b>${escapeHtml(name)}</b><br>`}<code>${brief(slot)}</code></td><td data-label="before"><code>${brief(before)}</code></td><td data-label="after"><code>${brief(after)}</code></td></tr>`,
    )
    .join("");
  const more =
    slots.length > mostSlots ? `<p class="muted">${slots.length - mostSlots} more slots are in the JSON.</p>` : "";
  return `<details class="block"><summary>${head}</summary><table class="slots"><thead><tr><th scope="col">slot</th><th scope="col">before</th><th scope="col">after</th></tr></thead><tbody>${rows}</tbody></table>${more}</details>`;
}

function brief(word: string): string {
  const short = word.replace(/^0x0+(?=.)/, "0x");
  return escapeHtml(short.length > 46 ? `${short.slice(0, 22)}…${short.slice(-14)}` : short);
}
