import type { Command } from "commander";
import type { DeployFlags } from "./stand/standDeployment.ts";

/** The deployment that `deploy` looks for in the folder where it runs. */
export const deploymentName = "testudo.deploy.ts";

export function registerDeploy(program: Command): void {
  program
    .command("deploy")
    .description("deploy and set up the modules from a typed file, and compare what stands with it")
    .requiredOption("--chain <url>", "node of the chain that the file names")
    .option("--file <file>", "the deployment", deploymentName)
    .option("--plan <file>", "the plan of this deployment; default: beside the file, one for each chain")
    .option("--keystore <file>", "key of the deployer, which has no right afterwards; use one of its own")
    .option("--password-file <file>", "file of mode 0600 whose first line is the password; default: ask")
    .option("--max-fee <ether>", "the most that one run may offer for gas; default: 1")
    .option("--dry-run", "print addresses, gas and what each role can do; send nothing")
    .option("--verify", "compare what stands with the file; exit 1 when something drifted")
    .option("--json", "print one JSON object and nothing else on standard output")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { standDeployment } = await import("./stand/standDeployment.ts");
      await standDeployment(command.optsWithGlobals<DeployFlags>());
    });
}
