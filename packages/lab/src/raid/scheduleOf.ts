import { type CallMove, isCall, type Plan, turnsOf } from "./Plan.ts";
import type { OthersCall, Power, Scenario } from "./Scenario.ts";

/** What is sent together, and when. */
export type Turn = { readonly seconds: number } & (
  | {
      /** Calls of one of his accounts, or one call in the name of a key. */
      readonly kind: "his";
      readonly moves: readonly CallMove[];
    }
  | {
      readonly kind: "power" | "guardian";
      readonly name: string;
      readonly calls: readonly OthersCall[];
      /** Moves of the plan that it stands for; none where guardians act. */
      readonly moves: Plan;
    }
);

/**
 * A plan in time: `seconds` pass before each turn. What guardians do happens so long after his first call as the scenario says,
 * before whatever else comes then.
 */
export function scheduleOf(plan: Plan, scenario: Scenario): Turn[] {
  const turns: Turn[] = [];
  const guardians = [...scenario.guardians].sort((one, other) => one.after - other.after);
  // Since his first call; nothing before that calls anybody's attention.
  let elapsed: number | undefined;
  let waits = 0;
  function take(turn: Turn): void {
    let { seconds } = turn;
    while (elapsed !== undefined && guardians[0] !== undefined && guardians[0].after <= elapsed + seconds) {
      const { name, calls, after } = guardians.shift()!;
      turns.push({ kind: "guardian", name, calls, moves: [], seconds: after - elapsed });
      seconds -= after - elapsed;
      elapsed = after;
    }
    if (elapsed !== undefined) elapsed += seconds;
    else if (turn.kind === "his") elapsed = 0;
    turns.push({ ...turn, seconds });
  }
  for (const moves of turnsOf(plan, scenario.accounts)) {
    const [move] = moves;
    if (move!.kind === "wait") {
      waits += move!.seconds;
      continue;
    }
    if (move!.kind === "call") take({ kind: "his", moves: moves.filter(isCall), seconds: waits });
    else take(powerTurn(scenario.powers[move!.power]!, moves, waits));
    waits = 0;
  }
  return turns;
}

const powerTurn = ({ name, calls, seconds }: Power, moves: Plan, waits: number): Turn => ({
  ...{ kind: "power", name, calls, moves },
  seconds: waits + seconds,
});
