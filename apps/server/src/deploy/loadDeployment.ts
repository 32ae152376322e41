import { ConfigError, type Mistake, type Place } from "../config/ConfigError.ts";
import { evaluateFile } from "../config/evaluateConfig.ts";
import { explainIssues } from "../config/explainIssue.ts";
import { placeOfValue } from "../config/locate.ts";
import type { Deployment, DeploymentConfig } from "./Deployment.ts";
import { isDeployment } from "./defineDeployment.ts";
import { deploymentSchema } from "./deploymentSchema.ts";

/** A checked deployment, and where each of its values stands in the file. */
export interface LoadedDeployment {
  /** Absolute path. */
  readonly file: string;
  readonly deployment: Deployment;
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

const kind = {
  define: "defineDeployment",
  noun: "deployment",
  is: isDeployment,
  wayOut: "Run `testudo init --deploy` to write one, or give its path with --file.",
};

/**
 * The checked deployment at `path`. The file is run: it is code of the operator. Throws ConfigMissing,
 * ConfigSyntaxError, ConfigThrew, ConfigNotDefined or DeploymentRefused, which name file, line and column.
 */
export async function loadDeployment(path: string): Promise<LoadedDeployment> {
  const { file, source, config } = await evaluateFile<DeploymentConfig>(path, kind);
  const placeOf = (at: readonly PropertyKey[]) => placeOfValue(source, at);
  const checked = deploymentSchema.safeParse(config);
  if (checked.success) return { file, deployment: checked.data, placeOf };
  throw new DeploymentRefused(explainIssues(checked.error.issues, { input: config, placeOf, root: "The deployment" }));
}

/** The file asks for what is dangerous or cannot be. Each mistake says why. */
export class DeploymentRefused extends ConfigError {
  override readonly name = "DeploymentRefused";
  constructor(mistakes: readonly Mistake[]) {
    super(mistakes);
  }
}
