import { dirname, resolve } from "node:path";
import { ConfigError, type Mistake, mistakeOfError } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The deployment that a configuration names, and the plan of what stands. Not compared with the chain. */
export async function checkDeployment({ file, source, checkedOf }: Written): Promise<readonly CheckedPart[]> {
  const named = checkedOf("deployment");
  if (named === undefined) return [];
  const inFolder = (path: string) => resolve(dirname(file), path);
  const { loadDeployment } = await import("../../deploy/loadDeployment.ts");
  const { planPath, readPlan } = await import("../../deploy/Plan.ts");
  const faultsOfPlan = (path: string): readonly Mistake[] => {
    const place = placeOfValue(source, ["deployment", ...(named.plan === undefined ? [] : ["plan"])]);
    try {
      if (readPlan(path) !== undefined) return [];
    } catch (error) {
      return [mistakeOfError(place, error)];
    }
    const what = `names a deployment whose plan "${path}" is not there.`;
    const allowed = "A watch compares what stands with its file, and the plan says where it stands.";
    return [{ place, what, allowed, wayOut: "Run `testudo deploy`, or name the plan in `deployment.plan`." }];
  };
  try {
    const loaded = await loadDeployment(inFolder(named.file));
    const { chainId } = loaded.deployment;
    const plan = named.plan === undefined ? planPath(loaded.file, chainId) : inFolder(named.plan);
    return [{ part: "deployment", text: `${named.file} on chain ${chainId}`, faults: faultsOfPlan(plan) }];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ part: "deployment", text: named.file, faults: error.mistakes }];
  }
}
