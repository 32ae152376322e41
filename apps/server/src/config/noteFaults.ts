import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Playbook } from "@testudo/core/model/Playbook";
import * as entry from "../index.ts";
import { useNoting } from "./evaluateConfig.ts";

/** What the function `by` of a configuration refused. */
export interface NotedFault {
  readonly by: "env" | "detector" | "playbook";
  readonly error: unknown;
}

/** Exports of "testudo" that note what they refuse, so that a configuration with several faults runs to its end. */
export interface NotedFaults {
  readonly replaced: Partial<typeof entry>;
  readonly faults: readonly NotedFault[];
  /** Whether `value` stands in for what was refused, or holds such text: what is wrong with it was noted. */
  isStandIn(value: unknown): boolean;
}

/** Opens a list of faults. What was refused gets a stand-in that would pass for what was meant. */
export function noteFaults(): NotedFaults {
  const faults: NotedFault[] = [];
  const standIns = new Set<unknown>();
  const noting = (by: NotedFault["by"], make: (...given: never[]) => unknown) => {
    return (...given: unknown[]): never => {
      // A detector that was refused is handed on to `useDetector`: its fault is noted already.
      if (standIns.has(given[0])) return given[0] as never;
      try {
        return make(...(given as never[])) as never;
      } catch (error) {
        faults.push({ by, error });
        const standIn = standInFor(faults.length);
        standIns.add(standIn);
        return standIn as never;
      }
    };
  };
  // What `when` refused answers, too: with something that stands in for a playbook.
  const answering = (asked: ReturnType<typeof entry.when>): ReturnType<typeof entry.when> => {
    if (standIns.has(asked)) return { respond: () => asked as never };
    return {
      respond: (...plans) => noting("playbook", () => asked.respond(...plans.filter((plan) => !standIns.has(plan))))(),
    };
  };
  const env: typeof entry.env = (name) => {
    try {
      return entry.env(name);
    } catch (error) {
      faults.push({ by: "env", error });
      return `https://${unset}${faults.length}.invalid`;
    }
  };
  return {
    replaced: {
      env,
      useDetector: noting("detector", useNoting),
      defineDetector: noting("detector", entry.defineDetector),
      invariant: noting("detector", entry.invariant),
      fortaAdapter: noting("detector", entry.fortaAdapter),
      pausePlaybook: noting("playbook", entry.pausePlaybook),
      rulePlaybook: noting("playbook", entry.rulePlaybook),
      pause: noting("playbook", entry.pause),
      when: (...given) => answering(noting("playbook", entry.when)(...given) as ReturnType<typeof entry.when>),
    },
    faults,
    isStandIn: (value) => standIns.has(value) || (typeof value === "string" && value.includes(unset)),
  };
}

const unset = "unset-environment-variable-";

function standInFor(number: number): DetectorUse & Playbook {
  const id = `refused-${number}`;
  return {
    id,
    version: "0.0.0",
    meta: {
      ...{ id, version: "0.0.0", class: "health", needs: { all: [] }, finality: 0, runbook: "none", owner: "nobody" },
    },
    settings: {},
    detect: () => undefined,
    matches: () => false,
    plan: () => [],
  };
}
