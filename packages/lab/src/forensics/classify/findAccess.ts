// Who was let do what: contracts taken over, value handed out for the asking, calls made in another's name.
import { publicInfrastructure } from "@testudo/core/model/ActorCluster";
import { zeroAddress } from "@testudo/core/model/Asset";
import type { Visit } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { type Transfer, transfersOf } from "@testudo/core/model/Transfer";
import { sayAmount } from "../amounts.ts";
import type { Evidence } from "../Report.ts";
import { classified, type Sign, type Traces } from "./Sign.ts";

const recover: Address = `0x${"1".padStart(40, "0")}`;

/** A function that makes a contract ready was called on one that stood there already. */
export const findUninitialised: Sign = (traces) => {
  const { study, actors, say, control } = traces;
  const made = new Set(
    study.visits.filter(({ frame }) => frame.type.startsWith("CREATE")).map(({ frame }) => frame.to),
  );
  const evidence = entriesOf(traces).flatMap((visit): Evidence[] => {
    const name = nameOf(visit, traces);
    if (!/^initiali[sz]e/i.test(name) || made.has(visit.context)) return [];
    return [{ text: `${say(visit.context)} let ${say(visit.parent!.context)} call ${name}.`, call: visit.order }];
  });
  const told = control
    .filter(({ what, address }) => what === "initialised" && !made.has(address) && !actors.has(address))
    .filter(
      ({ call }) => call !== null && study.visits.slice(0, call + 1).some((visit) => isEntryAbove(visit, call, traces)),
    )
    .map(({ address, after, call }) => ({
      text: `${say(address)} was initialised (${after}) by the actors.`,
      call: call!,
    }));
  const isTaken = takenOver(traces).length > 0;
  return classified("uninitialised-proxy", isTaken ? "certain" : "likely", [...evidence, ...told]);
};

/** Whether the call stands below this one, and this one was made by an actor. */
function isEntryAbove({ order, end, parent }: Visit, call: number, { actors }: Traces): boolean {
  return order <= call && call <= end && parent !== undefined && actors.has(parent.context);
}

/** Control that went to the actors, or value that was paid out to whoever asked. */
export const findAccessControl: Sign = (traces) => {
  const taken = takenOver(traces);
  if (taken.length > 0) return classified("access-control", "certain", taken);
  return classified("access-control", "possible", handedOut(traces));
};

/** Changes of control that name an actor, or code of theirs. */
function takenOver({ control, actors, say }: Traces): Evidence[] {
  return control.flatMap(({ address, what, after, call }): Evidence[] => {
    if (actors.has(address) || after === null || ![...actors].some((actor) => after.includes(actor))) return [];
    const text = `The ${what} of ${say(address)} became ${after}.`;
    return [call === null ? { text } : { text, call }];
  });
}

/** Entries by which a contract paid an actor, who paid nothing and gave no claim back. */
function handedOut(traces: Traces): Evidence[] {
  const { study, actors, losers, assets, say } = traces;
  return entriesOf(traces).flatMap((visit): Evidence[] => {
    if (!losers.has(visit.context)) return [];
    const moved = movedIn(study, visit);
    const paid = moved.filter(({ from, to }) => from === visit.context && actors.has(to));
    const given = moved.some(({ from, to }) => actors.has(from) && (to === visit.context || to === zeroAddress));
    // A debt is payment enough where something else secures it.
    if (paid.length === 0 || given || /^borrow\(/.test(nameOf(visit, traces))) return [];
    const [first] = paid as [Transfer];
    return [
      {
        text: `${say(visit.context)} paid ${sayAmount(assets, first.asset, first.amount)} for a call of ${nameOf(visit, traces)} and got nothing for it.`,
        call: visit.order,
      },
    ];
  });
}

/** A call whose target and calldata the caller chose; certain where it took from somebody else by it. */
export const findArbitraryCall: Sign = (traces) => {
  const { study, actors, losers, say } = traces;
  const evidence: Evidence[] = [];
  let hurts = false;
  for (const entry of entriesOf(traces)) {
    if (publicInfrastructure.has(entry.context)) continue;
    for (const visit of study.visits.slice(entry.order + 1, entry.end + 1)) {
      if (visit.reverted || visit.parent?.context !== entry.context || !isChosen(entry, visit)) continue;
      if (actors.has(visit.context)) continue;
      const owner = ownerMoved(visit, traces);
      hurts ||= owner !== undefined && losers.has(owner) && !actors.has(owner);
      const text = `${say(entry.context)} called ${nameOf(visit, traces)} of ${say(visit.frame.to)} as its caller had written it.`;
      evidence.push({ text, call: visit.order });
    }
  }
  return classified("arbitrary-call", hurts ? "certain" : "possible", evidence);
};

/** Whose tokens a call moves. */
function ownerMoved({ frame, parent }: Visit, { study }: Traces): Address | undefined {
  const call = study.decoder.call(frame.input, frame.output, false);
  if (call?.signature === "transferFrom(address,address,uint256)") return call.args[0]?.value as Address | undefined;
  return call?.signature === "transfer(address,uint256)" ? parent?.context : undefined;
}

/** Whether calldata of an entry holds the target and the calldata of a call made below it. */
function isChosen({ frame: outer }: Visit, { frame }: Visit): boolean {
  if (frame.type !== "CALL" || frame.input.length < 10 + 64 || outer.input === frame.input) return false;
  const written = outer.input.slice(2);
  return written.includes(frame.to.slice(2)) && written.includes(frame.input.slice(2));
}

/** Tokens taken from an owner who took no part. */
export const findApprovalDrain: Sign = (traces) => {
  const { study, actors, losers, assets, say } = traces;
  const acting = new Set(
    study.visits.filter(({ reverted, isStatic }) => !reverted && !isStatic).map(({ context }) => context),
  );
  const evidence = study.visits.flatMap((visit): Evidence[] => {
    const { frame, parent, reverted, order } = visit;
    const call = reverted || parent === undefined ? undefined : study.decoder.call(frame.input, frame.output, false);
    if (call?.signature !== "transferFrom(address,address,uint256)" || call.args.length < 3) return [];
    const [from, , amount] = call.args.map(({ value }) => value) as [Address, Address, string];
    if (actors.has(from) || acting.has(from) || !losers.has(from)) return [];
    const text = `${sayAmount(assets, frame.to, BigInt(amount))} of ${say(from)}, who took no part, was moved by what it had let ${say(parent!.context)} do.`;
    return [{ text, call: order }];
  });
  return classified("approval-drain", "certain", evidence);
};

/** Value released on signatures, as bridges and relayers do. */
export const findBridgeMessage: Sign = (traces) => {
  const { study, losers, actors, say } = traces;
  const evidence = entriesOf(traces).flatMap((visit): Evidence[] => {
    if (!losers.has(visit.context)) return [];
    const below = study.visits.slice(visit.order, visit.end + 1);
    const signatures = below.filter(({ frame }) => frame.to === recover).length;
    const given = movedIn(study, visit).some(({ from, to }) => actors.has(from) && to === visit.context);
    if (signatures === 0 || given) return [];
    return [
      {
        text: `${say(visit.context)} checked ${signatures} signature${signatures === 1 ? "" : "s"} in ${nameOf(visit, traces)} and paid out.`,
        call: visit.order,
      },
    ];
  });
  return classified("bridge-message", "likely", evidence);
};

const votes = /^(?:propose|castVote\w*|execute|queue|emergencyCommit)\(/;

/** A proposal, a vote or its execution within the transaction. */
export const findGovernance: Sign = (traces) => {
  const { judgement, say } = traces;
  const calls = entriesOf(traces).flatMap((visit): Evidence[] => {
    const name = nameOf(visit, traces);
    return votes.test(name) ? [{ text: `${name} of ${say(visit.context)} was called.`, call: visit.order }] : [];
  });
  const said = judgement.findings
    .filter(({ detector }) => detector === "flash-vote")
    .map(({ reason }) => ({ text: reason }));
  return classified("governance", said.length > 0 ? "certain" : "possible", [...said, ...calls]);
};

/** Calls of actors into others that lasted and could write. */
function entriesOf({ study, actors }: Traces): Visit[] {
  return study.visits.filter(
    ({ parent, frame, context, reverted, isStatic }) =>
      !reverted &&
      !isStatic &&
      frame.type === "CALL" &&
      !actors.has(context) &&
      (parent === undefined ? actors.has(frame.from) : actors.has(parent.context)),
  );
}

function movedIn({ view }: Traces["study"], { frame }: Visit): readonly Transfer[] {
  const tx = { ...view.tx, from: frame.from, to: frame.to, value: frame.value, input: frame.input };
  return transfersOf(tx, [], frame).transfers;
}

function nameOf({ frame }: Visit, { study }: Traces): string {
  return study.decoder.call(frame.input, frame.output, false)?.signature ?? frame.input.slice(0, 10);
}
