import type { DeploymentSettings } from "../config/Config.ts";
import { prepareVerify } from "./deployFromFile.ts";
import { loadDeployment } from "./loadDeployment.ts";
import { openChain } from "./openChain.ts";
import { type Verified, verify } from "./verify.ts";

/** The deployment of `settings`, to be compared with the chain again and again. Throws what `loadDeployment` throws. */
export async function openDeployment(
  { file, plan, everyMinutes }: DeploymentSettings,
  rpc: readonly string[],
): Promise<{ readonly check: () => Promise<Verified>; readonly everyMs: number }> {
  const loaded = await loadDeployment(file);
  const checkAt = async (url: string) => {
    const chain = await openChain(url, loaded.deployment.chainId, loaded.placeOf(["chainId"]));
    try {
      const subject = { loaded, chain, say: () => {}, ...(plan === undefined ? {} : { planFile: plan }) };
      return await verify(chain, await prepareVerify(subject));
    } finally {
      chain.endpoint.close();
    }
  };
  return { check: () => firstThatAnswers(rpc, checkAt), everyMs: everyMinutes * 60_000 };
}

async function firstThatAnswers<T>(urls: readonly string[], ask: (url: string) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const url of urls)
    try {
      return await ask(url);
    } catch (error) {
      failure = error;
    }
  throw failure;
}
