import { type Assets, sayAmount } from "@testudo/lab/forensics/amounts";
import type { DecodedCall, DecodedEvent, DecodedValue } from "@testudo/lab/forensics/Report";
import { escapeHtml } from "../../backtest/escapeHtml.ts";

// The page is for reading; the JSON has the rest.
const mostCalls = 500;
const deepest = 40;
/** Calls down to here stand open. */
const openDepth = 2;

/** The call tree as nested lists that open and close without a script. */
export function callTree(root: DecodedCall, assets: Assets): string {
  let left = mostCalls;
  function item(call: DecodedCall, depth: number): string {
    left -= 1;
    const below = depth < deepest ? call.calls.flatMap((inner) => (left > 0 ? [item(inner, depth + 1)] : [])) : [];
    const hidden = call.calls.length - below.length + call.omitted;
    const more = hidden > 0 ? [`<li class="muted">${hidden} more calls are in the JSON.</li>`] : [];
    const head = headOf(call, assets);
    const details = detailsOf(call);
    const failed = call.error === null ? "" : ` class="failed"`;
    if (below.length + more.length === 0 && details === "")
      return `<li id="call-${call.id}"${failed}><div class="call">${head}</div></li>`;
    const list = below.length + more.length === 0 ? "" : `<ul>${below.join("")}${more.join("")}</ul>`;
    return `<li id="call-${call.id}"${failed}><details${depth < openDepth ? " open" : ""}><summary>${head}</summary>${details}${list}</details></li>`;
  }
  return `<ul class="tree">${item(root, 0)}</ul>`;
}

function headOf(call: DecodedCall, assets: Assets): string {
  const name = call.name === null ? "" : ` <span class="muted">${escapeHtml(call.name)}</span>`;
  const what = call.function ?? (call.input === "0x" ? "" : call.input.slice(0, 10));
  const value =
    call.value > 0n
      ? ` <span class="chip recipient">${escapeHtml(sayAmount(assets, "native", call.value))}</span>`
      : "";
  const error =
    call.error === null
      ? ""
      : ` <span class="chip attack">${escapeHtml((call.reason ?? call.error).slice(0, 120))}</span>`;
  const gas = call.gasUsed === null ? "" : ` <span class="key">${call.gasUsed.toLocaleString("en")} gas</span>`;
  return `<span class="no">#${call.id}</span><span class="kind">${escapeHtml(call.type)}</span> <code>${short(call.to)}</code>${name} <code class="fn">${escapeHtml(what.slice(0, 160))}</code>${value}${error}${gas}`;
}

function detailsOf(call: DecodedCall): string {
  const rows = [
    ...call.args.map((arg) => valueRow(arg)),
    ...call.returns.map((one) => valueRow({ ...one, name: `→ ${one.name}` })),
    ...call.events.map(eventRow),
  ];
  return rows.length === 0 ? "" : `<div class="detail">${rows.slice(0, 24).join("")}</div>`;
}

const everything = /\b115792089237316195423570985008687907853269984665640564039457584007913129639935\b/g;

/** The largest number is what people write for "all". */
function readable(value: string): string {
  return value.replace(everything, "2^256 − 1");
}

function valueRow({ name, type, value }: DecodedValue): string {
  return `<div>${escapeHtml(name)} <span class="kind">${escapeHtml(type.slice(0, 60))}</span> <code>${escapeHtml(readable(value))}</code></div>`;
}

function eventRow({ name, args, topics }: DecodedEvent): string {
  const said = args.map((arg) => `${arg.name} ${arg.value}`).join(", ");
  return `<div class="event">emits ${escapeHtml(name ?? `an event ${topics[0]?.slice(0, 10) ?? "without topic"}`)} <code>${escapeHtml(readable(said).slice(0, 300))}</code></div>`;
}

function short(address: string): string {
  return `<span title="${escapeHtml(address)}">${escapeHtml(`${address.slice(0, 8)}…${address.slice(-4)}`)}</span>`;
}
