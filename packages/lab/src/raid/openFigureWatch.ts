// Looks at the scenario's figures after each plan: a share's price that jumped, bad debt, an invariant that broke.

import type { Cast } from "./Cast.ts";
import { capitalOf } from "./capitalOf.ts";
import type { Find } from "./Find.ts";
import { isBroken } from "./isBroken.ts";
import type { Trial, Trials } from "./openTrials.ts";
import type { Plan } from "./Plan.ts";
import type { Scenario } from "./Scenario.ts";
import { shrinkWhile } from "./shrinkPlan.ts";

export interface FigureWatch {
  look(plan: Plan, trial: Trial, isSample: boolean): void;
  /** Numbers of the figures that nothing broke yet. */
  open(): readonly number[];
  keepOpen(numbers: readonly number[]): void;
}

/** `onBroken` is given one plan for each figure, shrunk. What is broken at the begin is nobody's doing. */
export function openFigureWatch(
  trials: Trials,
  scenario: Scenario,
  cast: Cast,
  onBroken: (find: Find) => void,
): FigureWatch {
  const { figures } = scenario;
  const [before] = trials.run([[]]) as [Trial];
  const open = new Set(figures.filter((figure, i) => !isBroken(figure, before.figures[i]!)));
  return {
    open: () => figures.flatMap((figure, i) => (open.has(figure) ? [i] : [])),
    keepOpen: (numbers) => {
      for (const [i, figure] of figures.entries()) if (!numbers.includes(i)) open.delete(figure);
    },
    look(plan, trial, isSample) {
      figures.forEach((figure, i) => {
        if (!open.has(figure) || !isBroken(figure, trial.figures[i]!)) return;
        const breaks = (candidate: Plan): boolean => isBroken(figure, trials.run([candidate])[0]!.figures[i]!);
        // Of a plan only what went through is looked at: by itself it may do something else.
        if (!breaks(plan)) return;
        open.delete(figure);
        const small = shrinkWhile(plan, breaks);
        const [{ gainWad }] = trials.run([small]) as [Trial];
        const capital = capitalOf(small, trials, scenario, cast);
        onBroken({ plan: small, figure: figure.name, gainWad, capital, atCall: trials.calls, isSample });
      });
    },
  };
}
