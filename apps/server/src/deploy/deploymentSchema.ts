import { deploymentFields } from "./Deployment.ts";
import { refuseModules } from "./refuseModules.ts";
import { refuseSecondRoles } from "./refuseSecondRoles.ts";
import { refuseNames, refuseReferences } from "./refuseTogether.ts";

/** The whole file with all refusals that need no node. */
export const deploymentSchema = deploymentFields
  .superRefine(refuseNames)
  .superRefine(refuseReferences)
  .superRefine(refuseModules)
  .superRefine(refuseSecondRoles);
