import { findReentries, type Reentry } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { callbackByDesign } from "@testudo/core/signs/DrainSign";
import type { Evidence } from "../Report.ts";
import { classified, type Sign, saidBy, type Traces } from "./Sign.ts";

/** A contract that was entered again by the actors while a call into it was open, and wrote. */
export const findReentrancy: Sign = (traces) => {
  const found = [...reentriesOf(traces)].filter(({ inner }) => !inner.isStatic);
  const said = saidBy(traces, "reentrancy").filter(({ text }) => !text.includes(" relied on "));
  const hurts = found.some(({ inner }) => traces.losers.has(inner.context));
  return classified("reentrancy", hurts ? "certain" : "possible", [...found.map((one) => tell(one, traces)), ...said]);
};

/** A view of a contract that somebody relied on while a call into that contract was open. */
export const findReadOnlyReentrancy: Sign = (traces) =>
  classified(
    "read-only-reentrancy",
    "likely",
    saidBy(traces, "reentrancy").filter(({ text }) => text.includes(" relied on ")),
  );

/** Re-entries into contracts that lost, then into others, that went through the actors' code. */
function* reentriesOf({ study, actors, losers }: Traces): Generator<Reentry> {
  const contexts = new Set(study.visits.filter(({ depth }) => depth > 0).map(({ context }) => context));
  const others = [...contexts].filter((address) => !actors.has(address) && !losers.has(address));
  for (const address of [...losers, ...others])
    for (const one of findReentries(study.view.trace!, new Set<Address>([address])))
      if (one.via.some((v) => actors.has(v)) && !callbackByDesign.has(one.outer.selector)) yield one;
}

function tell({ outer, inner, via }: Reentry, { study, say }: Traces): Evidence {
  const name = ({ frame }: Reentry["outer"]) =>
    study.decoder.call(frame.input, frame.output, false)?.signature ?? frame.input.slice(0, 10);
  return {
    text: `${say(inner.context)} was entered again by ${name(inner)} while its ${name(outer)} (#${outer.order}) was open, by way of ${say(via[0]!)}.`,
    call: inner.order,
  };
}
