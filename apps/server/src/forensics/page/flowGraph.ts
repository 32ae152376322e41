// The flow of value as a drawing: whoever gained stands in the middle as a bar, and everybody else beside it, with one arrow
// for what went each way. A second drawing for narrow screens has all of them on one side.
import { type Assets, sayAmount } from "@testudo/lab/forensics/amounts";
import type { ForensicReport, Party } from "@testudo/lab/forensics/Report";
import { escapeHtml } from "../../backtest/escapeHtml.ts";
import { roleShown } from "./roleShown.ts";

/** What went between the middle and one party. */
interface Side {
  readonly party: Party;
  /** To the middle, and from it. */
  readonly comes: readonly string[];
  readonly goes: readonly string[];
}

interface Frame {
  readonly width: number;
  readonly bar: { readonly x: number; readonly width: number };
  readonly box: number;
  readonly letters: number;
}

const wide: Frame = { width: 1060, bar: { x: 445, width: 170 }, box: 190, letters: 33 };
const narrow: Frame = { width: 348, bar: { x: 0, width: 34 }, box: 112, letters: 26 };
// More than these are no picture any more.
const mostParties = 10;
const mostLines = 3;
const lineHeight = 17;

/** Both drawings, and what went between others as a list. */
export function flowGraph(report: ForensicReport, assets: Assets): string {
  const hub = hubOf(report);
  if (hub === undefined) return `<p class="muted">Nothing of value moved.</p>`;
  const sides = sidesOf(report, hub, assets);
  const shown = sides.slice(0, mostParties);
  const [left, right] = balanced(shown);
  const title = `<title>${escapeHtml(`Flow of value around ${hub.name}`)}</title>`;
  const both = [
    drawing(wide, "wide", [left, right], hub, title),
    drawing(narrow, "narrow", [[], [...left, ...right]], hub, title),
  ];
  const hidden = sides.length - shown.length;
  const rest = hidden > 0 ? [`<li>${hidden} more parties are in the table below.</li>`] : [];
  const others = betweenOthers(report, hub, assets).map((text) => `<li>${escapeHtml(text)}</li>`);
  const notes = [...others, ...rest];
  return `${both.join("")}${notes.length === 0 ? "" : `<ul class="between">${notes.join("")}</ul>`}`;
}

/** Those that lose on the left, everybody else on the right, and neither much longer than the other. */
function balanced(sides: readonly Side[]): [Side[], Side[]] {
  const isLeft = ({ party }: Side) => party.role === "victim" || party.role === "counterparty";
  const [left, right] = [sides.filter(isLeft), sides.filter((side) => !isLeft(side))];
  while (left.length > right.length + 1 && left.length > 2) right.unshift(left.pop()!);
  while (right.length > left.length + 2) left.push(right.shift()!);
  return [left, right];
}

/** The actors, or whoever has most to do with others where they moved nothing. */
function hubOf({ parties, flow }: ForensicReport): Party | undefined {
  const byAddress = partyByAddress(parties);
  const count = (party: Party) =>
    flow.transfers.filter(
      ({ from, to, amount }) =>
        amount > 0n && byAddress(from) !== byAddress(to) && (byAddress(from) === party || byAddress(to) === party),
    ).length;
  const [actor] = parties;
  if (actor !== undefined && count(actor) > 0) return actor;
  return parties.filter((party) => count(party) > 0).sort((a, b) => count(b) - count(a))[0];
}

function sidesOf({ parties, flow }: ForensicReport, hub: Party, assets: Assets): Side[] {
  const byAddress = partyByAddress(parties);
  const sums = new Map<Party, { comes: Map<string, bigint>; goes: Map<string, bigint> }>();
  for (const { from, to, asset, amount } of flow.transfers) {
    const [a, b] = [byAddress(from), byAddress(to)];
    if (a === undefined || b === undefined || a === b || (a !== hub && b !== hub) || amount === 0n) continue;
    const other = a === hub ? b : a;
    const own = sums.get(other) ?? { comes: new Map(), goes: new Map() };
    const way = a === hub ? own.goes : own.comes;
    way.set(asset, (way.get(asset) ?? 0n) + amount);
    sums.set(other, own);
  }
  const rank = ({ role }: Party) => parties.findIndex((party) => party.role === role);
  return [...sums]
    .map(([party, { comes, goes }]) => ({ party, comes: lines(comes, assets), goes: lines(goes, assets) }))
    .sort((a, b) => rank(a.party) - rank(b.party));
}

function lines(amounts: ReadonlyMap<string, bigint>, assets: Assets): string[] {
  const said = [...amounts].map(([asset, amount]) => sayAmount(assets, asset, amount));
  return said.length > mostLines ? [...said.slice(0, mostLines - 1), `and ${said.length - mostLines + 1} more`] : said;
}

function betweenOthers({ parties, flow }: ForensicReport, hub: Party, assets: Assets): string[] {
  const byAddress = partyByAddress(parties);
  const sums = new Map<string, { a: Party; b: Party; asset: string; amount: bigint }>();
  for (const { from, to, asset, amount } of flow.transfers) {
    const [a, b] = [byAddress(from), byAddress(to)];
    if (a === undefined || b === undefined || a === b || a === hub || b === hub || amount === 0n) continue;
    if (a.role === "supply" || b.role === "supply") continue;
    const key = `${a.id}${b.id}${asset}`;
    sums.set(key, { a, b, asset, amount: (sums.get(key)?.amount ?? 0n) + amount });
  }
  return [...sums.values()]
    .slice(0, 4)
    .map(({ a, b, asset, amount }) => `${a.name} → ${b.name}: ${sayAmount(assets, asset, amount)}`);
}

function partyByAddress(parties: readonly Party[]): (address: string) => Party | undefined {
  const known = new Map<string, Party>(
    parties.flatMap((party) => party.addresses.map((address) => [address, party] as const)),
  );
  return (address) => known.get(address);
}

function drawing(frame: Frame, name: string, columns: readonly (readonly Side[])[], hub: Party, title: string): string {
  const [left = [], right = []] = columns;
  const heights = [left, right].map((sides) => sides.reduce((sum, side) => sum + heightOf(side), 0));
  const height = Math.max(132, ...heights);
  const rows = [
    ...placed(left, height - heights[0]!).map(({ side, top }) => row(side, top, frame, true)),
    ...placed(right, height - heights[1]!).map(({ side, top }) => row(side, top, frame, false)),
  ];
  // A side with nobody on it is left away.
  const start = left.length === 0 ? frame.bar.x : 0;
  const width = (right.length === 0 ? frame.bar.x + frame.bar.width : frame.width) - start;
  return `<svg class="graph ${name}" viewBox="${start} 0 ${width} ${height}" style="max-width:${width}px" role="img">${title}${bar(hub, frame, height)}${rows.join("")}</svg>`;
}

/** Rows of one column, spread over what is left of the height. */
function placed(sides: readonly Side[], free: number): { side: Side; top: number }[] {
  const gap = sides.length === 0 ? 0 : free / sides.length;
  let top = 0;
  return sides.map((side) => {
    const here = top + gap / 2;
    top += heightOf(side) + gap;
    return { side, top: here };
  });
}

function heightOf({ comes, goes }: Side): number {
  const ways = [comes, goes].filter((way) => way.length > 0);
  return Math.max(
    66,
    ways.reduce((sum, way) => sum + way.length * lineHeight + 16, 14),
  );
}

function bar(hub: Party, { bar: { x, width } }: Frame, height: number): string {
  const middle = x + width / 2;
  const isThin = width < 100;
  const called = withoutRole(hub);
  const name = isThin
    ? `<text class="strong onactor" text-anchor="end" transform="translate(${middle + 5} 18) rotate(-90)">${escapeHtml(fit(called, 12))}</text>`
    : `<text class="strong onactor" text-anchor="middle" x="${middle}" y="${height / 2 - 4}">${escapeHtml(fit(called, 22))}</text><text class="role onactor" text-anchor="middle" x="${middle}" y="${height / 2 + 15}">${escapeHtml(called === membersOf(hub) ? roleShown(hub) : membersOf(hub))}</text>`;
  return `<rect class="box actor" x="${x}" y="4" width="${width}" height="${height - 8}" rx="10"/>${name}`;
}

function withoutRole(party: Party): string {
  const { name } = party;
  const role = roleShown(party);
  return name.startsWith(`${role} `) ? name.slice(role.length + 1) : name;
}

function membersOf({ addresses }: Party): string {
  const [first = ""] = addresses;
  const short = `${first.slice(0, 6)}…${first.slice(-4)}`;
  return addresses.length === 1 ? short : `${short} +${addresses.length - 1}`;
}

function row({ party, comes, goes }: Side, top: number, frame: Frame, isLeft: boolean): string {
  const height = heightOf({ party, comes, goes });
  const x = isLeft ? 1 : frame.width - frame.box - 1;
  const middle = top + height / 2;
  const letters = Math.floor(frame.box / 7.4);
  const role = party.role === "supply" ? "" : roleShown(party);
  const name = withoutRole(party);
  const box = `<rect class="box ${party.role}" x="${x}" y="${middle - 25}" width="${frame.box}" height="50" rx="9"/><text class="strong" text-anchor="middle" x="${x + frame.box / 2}" y="${middle + (role === "" ? 5 : -2)}">${escapeHtml(fit(name, letters))}</text><text class="role" text-anchor="middle" x="${x + frame.box / 2}" y="${middle + 15}">${role}</text>`;
  const [outer, inner] = isLeft
    ? [frame.box + 8, frame.bar.x - 8]
    : [frame.width - frame.box - 8, frame.bar.x + frame.bar.width + 8];
  let y =
    top +
    (height - ((comes.length + goes.length) * lineHeight + (comes.length > 0 ? 16 : 0) + (goes.length > 0 ? 16 : 0))) /
      2;
  const parts: string[] = [];
  for (const [way, from, to, kind] of [
    [comes, outer, inner, party.role === "victim" ? "gain" : ""],
    [goes, inner, outer, ""],
  ] as const) {
    if (way.length === 0) continue;
    for (const text of way) {
      y += lineHeight;
      parts.push(
        `<text class="amount" text-anchor="middle" x="${(from + to) / 2}" y="${y - 3}">${escapeHtml(fit(text, frame.letters))}</text>`,
      );
    }
    y += 6;
    parts.push(arrow(from, to, y, kind));
    y += 10;
  }
  return box + parts.join("");
}

function arrow(from: number, to: number, y: number, kind: string): string {
  const way = to > from ? 1 : -1;
  return `<path class="edge ${kind}" d="M${from} ${y}H${to - way * 7}"/><path class="tip ${kind}" d="M${to} ${y}l${-way * 9} -5v10z"/>`;
}

function fit(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}
