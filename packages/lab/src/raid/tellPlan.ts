import { decodeFunctionData } from "viem/utils";
import { toHex } from "../record/bytes.ts";
import type { CallMove, Leaf, Plan } from "./Plan.ts";
import type { Scenario } from "./Scenario.ts";
import { scheduleOf } from "./scheduleOf.ts";

/** A plan as people read it, a move a line, with what guardians do meanwhile. */
export function tellPlan(plan: Plan, scenario: Scenario): string[] {
  return scheduleOf(plan, scenario).flatMap((turn) => [
    ...(turn.seconds > 0 ? [`wait ${turn.seconds} s`] : []),
    ...(turn.kind === "his"
      ? turn.moves.flatMap((move) => tellCall(move, "", scenario))
      : [`${turn.kind}: ${turn.name}`]),
  ]);
}

function tellCall(move: CallMove, indent: string, scenario: Scenario): string[] {
  const { callable, actor } = move;
  const args = argumentsOf(move);
  const sources = move.leaves.flatMap((leaf) =>
    leaf.source === undefined ? [] : [`${leaf.name} = ${tellSource(leaf, scenario)}`],
  );
  const text = `${callable.contract}.${callable.abi.name}(${args.map((arg) => JSON.stringify(arg, (_, value) => (typeof value === "bigint" ? value.toString() : value))).join(", ")})`;
  const who = actor < scenario.accounts ? `account ${actor}` : `key ${scenario.keys[actor - scenario.accounts]}`;
  const line = `${indent}${who}: ${text}${sources.length > 0 ? ` with ${sources.join(", ")}` : ""}`;
  return [line, ...move.inner.flatMap((inner) => tellCall(inner, `${indent}  in the middle: `, scenario))];
}

function tellSource({ source }: Leaf, { contracts }: Scenario): string {
  const part = source!.times === source!.over ? "" : ` * ${source!.times} / ${source!.over}`;
  if (source!.kind === "earlier") return `answer of move ${source!.id}${part}`;
  const contract = contracts.find(({ address }) => address === source!.to);
  const abi = contract?.abi ?? [];
  let text: string = source!.question;
  try {
    text = decodeFunctionData({ abi, data: source!.question }).functionName;
  } catch {}
  return `${contract?.name ?? source!.to}.${text}[${source!.word}]${part}`;
}

/** Of a function that is known by its selector alone, its call data behind that. */
function argumentsOf({ callable, input }: CallMove): readonly unknown[] {
  try {
    return decodeFunctionData({ abi: [callable.abi], data: toHex(input) }).args ?? [];
  } catch {
    return [toHex(input.subarray(4))];
  }
}
