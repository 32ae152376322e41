import { deploymentFields } from "./Deployment.ts";
import { refuseModules, refuseSecondRoles } from "./refuseModules.ts";
import { refuseAccounts, refuseNames, refuseReferences } from "./refuseTogether.ts";

/** The whole file with all refusals that need no node. */
export const deploymentSchema = deploymentFields
  .superRefine(refuseNames)
  .superRefine(refuseAccounts)
  .superRefine(refuseReferences)
  .superRefine(refuseModules)
  .superRefine(refuseSecondRoles);
