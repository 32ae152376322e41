// The composition root of `testudo deploy`: file, chain, plan; then create, settle, verify.

import { mkdirSync, rmdirSync } from "node:fs";
import { countOf } from "@testudo/core/model/countOf";
import type { Address } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { formatEther, formatGwei } from "viem/utils";
import { quoted } from "../config/looksSecret.ts";
import { UsageError } from "../config/UsageError.ts";
import { FolderLockedError, lockFolder } from "../store/lockFolder.ts";
import { hasCode } from "./askChain.ts";
import { assertStored } from "./assertStored.ts";
import { assertCanPay, assertNextNonce, createContracts } from "./createContracts.ts";
import type { Setting } from "./DeployModule.ts";
import { describeRoles } from "./describeRoles.ts";
import { defaultMaxFee, type FeeLimit, openFeeLimit } from "./feeLimit.ts";
import { findOrigins } from "./findOrigins.ts";
import { inspect } from "./inspect.ts";
import { DeploymentRefused, type LoadedDeployment } from "./loadDeployment.ts";
import { executorsOf } from "./modules/timelock.ts";
import { type Chain, headOf } from "./openChain.ts";
import { type Plan, PlanForged, planPath, readPlan, writePlan } from "./Plan.ts";
import { comparePlan, newPlan, type Prepared, planLater, resumePlan } from "./preparePlan.ts";
import { compare } from "./readChain.ts";
import { reconcilePlan } from "./reconcilePlan.ts";
import { assertOperations, rederiveOperations } from "./rederiveOperations.ts";
import { rehearseDeployment } from "./rehearseDeployment.ts";
import type { RoleText } from "./roleWords.ts";
import { type Settled, toSettled } from "./Settled.ts";
import { delaysOf, sendAs, sendWith, standingOf, toOperations } from "./settle.ts";
import { type Verified, verify } from "./verify.ts";

/** What a deployment works on. */
export interface Subject {
  readonly loaded: LoadedDeployment;
  readonly chain: Chain;
  /** Where the plan lies; default: beside the file. */
  readonly planFile?: string;
  readonly say: (line: string) => void;
  /** The most that a run may offer for gas, in wei; default: `defaultMaxFee`. */
  readonly maxFee?: bigint;
}

/** What a run came to. */
export interface Outcome {
  readonly plan: Plan;
  readonly roles: readonly RoleText[];
  readonly settled: Settled;
  readonly verified: Verified;
}

function pathOf({ loaded, chain, planFile }: Subject): string {
  return planFile ?? planPath(loaded.file, chain.chainId);
}

/**
 * The plan that stands, or a new one for `deployer`, checked against file and chain. Throws DeploymentRefused,
 * OtherDeployer, or PlanForged where a plan says what follows from neither.
 */
export async function prepare(subject: Subject, deployer: Address | undefined): Promise<Prepared & { path: string }> {
  const { loaded, chain } = subject;
  const path = pathOf(subject);
  const stored = readPlan(path);
  const options = await optionsOf(subject);
  const place = loaded.placeOf([]);
  if (stored === undefined && deployer === undefined) throw new NotPlanned(path);
  const prepared =
    stored === undefined
      ? await newPlan(chain, loaded.deployment, deployer!, options)
      : resumePlan(
          await reconcilePlan(stored, chain.endpoint),
          path,
          { chain, file: loaded.deployment, place },
          options,
        );
  assertDeployer(subject, prepared, path, deployer, options);
  if (stored !== undefined) await assertFollows(chain, prepared, path);
  return { ...prepared, path };
}

// Once everything stands, an executor brings a key of its own; who deployed is then the plan's word and the chain's.
function assertDeployer(
  { loaded, say }: Subject,
  { plan }: Prepared,
  path: string,
  deployer: Address | undefined,
  { slowWalletIsKey }: { readonly slowWalletIsKey: boolean },
): void {
  if (deployer === undefined || plan.deployer === deployer) return;
  const { timelock, slowWallet } = loaded.deployment;
  const isCreating = plan.contracts.some(({ block }) => block === undefined);
  // Where a key stands for the Safe, what executors do is done in their name.
  if (isCreating || !(slowWalletIsKey || executorsOf(timelock, slowWallet).includes(deployer)))
    throw new OtherDeployer(path, plan.deployer, deployer);
  say(`The plan names the deployer ${plan.deployer}; this key is ${deployer}.`);
}

// What a Safe's owners sign, and what is sent, comes out of the plan: nothing of it is believed that does not follow.
async function assertFollows({ endpoint }: Chain, { plan, blueprint }: Prepared, path: string): Promise<void> {
  await assertStored(plan, path, blueprint.codes);
  const origins = await findOrigins(endpoint, plan, blueprint.codes);
  origins.forEach((origin, i) => {
    const { name, address } = plan.contracts[i]!;
    if (origin.kind === "foreign")
      throw new PlanForged(path, `${name} at ${address} is not this file's: ${origin.why}`);
  });
  assertOperations(plan, path, blueprint);
}

/** The plan that stands, to be compared with what the file says now. Throws NotPlanned. */
export async function prepareVerify(subject: Subject): Promise<Prepared> {
  const { loaded, chain } = subject;
  const path = pathOf(subject);
  const stored = readPlan(path);
  if (stored === undefined)
    throw new NotPlanned(path, "Nothing was deployed from here: name the plan of what stands with --plan FILE.");
  return comparePlan(stored, path, { chain, file: loaded.deployment }, await optionsOf(subject));
}

// On a development chain a key may stand for the Safe.
async function optionsOf({ loaded, chain }: Subject): Promise<{ readonly slowWalletIsKey: boolean }> {
  const { slowWallet } = loaded.deployment;
  return { slowWalletIsKey: chain.isDevelopment && !(await hasCode(chain.endpoint, slowWallet)) };
}

/**
 * Throws DeploymentRefused with everything that the chain says against creating `prepared`. What stands whole is not asked
 * again: a balance that fell since would hold up settings that have nothing to do with it.
 */
export async function assertFit({ loaded, chain }: Subject, { plan, blueprint }: Prepared): Promise<void> {
  const { deployment, placeOf } = loaded;
  if (plan.contracts.every(({ block }) => block !== undefined)) return;
  const mistakes = await inspect({
    chain,
    deployment,
    deployer: plan.deployer,
    addressOf: blueprint.addressOf,
    placeOf,
  });
  if (mistakes.length > 0) throw new DeploymentRefused(mistakes);
}

/**
 * Creates what does not stand, brings the timelock's settings on their way, and compares the chain with the file. Holds
 * the plan's lock meanwhile. Throws DeploymentRefused, RehearsalFailed, PausesNotObeyed, PlanInUse, or what creating and
 * settling throw.
 */
export async function deployFromFile(
  subject: Subject,
  deployer: Address,
  openSigner: () => Promise<Signer>,
): Promise<Outcome> {
  const unlock = lockPlan(pathOf(subject));
  try {
    const prepared = await prepare(subject, deployer);
    await assertFit(subject, prepared);
    await assertGoesThrough(subject, prepared);
    return await carryOut(subject, await openSigner(), prepared);
  } finally {
    unlock();
  }
}

// Before anything is paid for. What stands whole is not tried again: settings alone cost nothing where they fail.
async function assertGoesThrough(
  { loaded, chain, say, maxFee = defaultMaxFee }: Subject,
  prepared: Prepared,
): Promise<void> {
  if (prepared.plan.contracts.every(({ block }) => block !== undefined)) return;
  await assertNextNonce(chain.endpoint, prepared.plan);
  const { functionsTried, gas } = await rehearseDeployment(chain, loaded.deployment, prepared);
  say(`Tried on a copy of the chain: ${gas.total} gas, ${countOf(functionsTried, "function")} under a pause.`);
  const { deployer } = prepared.plan;
  const { cost, maxFeePerGas } = await assertCanPay(chain.endpoint, deployer, gas.byDeployer, maxFee);
  const limit = `${formatEther(maxFee)} ether is the limit (--max-fee)`;
  say(`Creating costs up to ${formatEther(cost)} ether at up to ${formatGwei(maxFeePerGas)} gwei a gas; ${limit}.`);
}

// Two runs at a time would sign for the same nonces and write over each other's plan.
function lockPlan(path: string): () => void {
  const folder = `${path}.running`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = locked(folder, path);
  return () => {
    unlock();
    try {
      rmdirSync(folder);
    } catch {
      // The next run holds it already.
    }
  };
}

function locked(folder: string, path: string): () => void {
  try {
    return lockFolder(folder);
  } catch (error) {
    throw error instanceof FolderLockedError ? new PlanInUse(path, error) : error;
  }
}

/** Who signs and pays, and how much at most. */
interface Paying {
  readonly signer: Signer;
  readonly fees: FeeLimit;
}

async function carryOut(subject: Subject, signer: Signer, prepared: Prepared & { path: string }): Promise<Outcome> {
  const { loaded, chain, say } = subject;
  const { blueprint, path } = prepared;
  const paying: Paying = { signer, fees: openFeeLimit(subject.maxFee) };
  const save = (plan: Plan) => writePlan(path, plan);
  save(prepared.plan);
  let plan = await createContracts(prepared.plan, { chain, ...paying, codes: blueprint.codes, save, say });
  await makeOpenCalls(subject, paying, { ...prepared, plan });
  plan = await withOperations(chain, { ...prepared, plan });
  save(plan);
  const settled = await settle(subject, paying, { ...prepared, plan });
  const last = await createLater(subject, paying, { ...prepared, plan }, settled);
  const verified = await verify(chain, last);
  return { plan: last.plan, roles: describeRoles(loaded.deployment, plan.deployer), settled, verified };
}

// Operations are made once for each version of the file: what they have set and somebody changed later is drift, which a
// person looks at, and nothing to set again unasked.
async function withOperations(chain: Chain, { plan, blueprint }: Prepared): Promise<Plan> {
  if (plan.decidedFor === plan.fileHash) return withDelays(chain, { plan, blueprint });
  const due = await dueOf(chain, plan, blueprint.settings);
  const delays = await delaysOf(chain, blueprint.addressOf("timelock"), due);
  return {
    ...plan,
    decidedFor: plan.fileHash,
    operations: [...plan.operations, ...toOperations(due, delays, plan.fileHash, plan.operations.length)],
  };
}

// The delay is the timelock's own, as it is now; of what waits already it has its own record.
async function withDelays(chain: Chain, { plan, blueprint }: Prepared): Promise<Plan> {
  const { own } = rederiveOperations(plan, blueprint);
  const ids = new Set(own.map(({ id }) => id));
  const calls = own.flatMap((operation) => operation.calls);
  const delaySeconds = Math.max(0, ...(await delaysOf(chain, blueprint.addressOf("timelock"), calls)));
  return {
    ...plan,
    operations: plan.operations.map((item) => (ids.has(item.id) ? { ...item, delaySeconds } : item)),
  };
}

// What asks for a price when it is created waits for the settings, and for the key whose nonces the plan counts.
async function createLater(
  subject: Subject,
  paying: Paying,
  prepared: Prepared & { path: string },
  { state }: Settled,
): Promise<Prepared> {
  const { chain, loaded, say } = subject;
  if (state !== "done") return prepared;
  const { plan, blueprint } = await planLater(chain, loaded.deployment, prepared, await optionsOf(subject));
  const added = plan.contracts.slice(prepared.plan.contracts.length).map(({ name }) => name);
  if (added.length > 0 && paying.signer.address !== plan.deployer) {
    say(`${added.join(", ")} can be created now: run this again with the key of the deployer ${plan.deployer}.`);
    return prepared;
  }
  const save = (next: Plan) => writePlan(prepared.path, next);
  save(plan);
  return { plan: await createContracts(plan, { chain, ...paying, codes: blueprint.codes, save, say }), blueprint };
}

// Needs no plan of its own: what a stopped run had sent already is not due, and sent twice it does nothing.
async function makeOpenCalls(
  { chain, say }: Subject,
  { signer, fees }: Paying,
  { plan, blueprint }: Prepared,
): Promise<void> {
  for (const call of await dueOf(chain, plan, blueprint.openCalls)) {
    await sendWith(chain, signer, fees, call);
    say(`Done: ${call.what}`);
  }
}

async function dueOf(chain: Chain, plan: Plan, calls: readonly Setting[]): Promise<readonly Setting[]> {
  const at = await headOf(chain, Math.min(...plan.contracts.map(({ block = 0 }) => block)));
  const rows = await Promise.all(calls.map(({ proofs }) => compare(chain.endpoint, proofs, at)));
  return calls.filter((_, i) => rows[i]!.some(({ isAsExpected }) => !isAsExpected));
}

async function settle(
  subject: Subject,
  { signer, fees }: Paying,
  { plan, blueprint, path }: Prepared & { path: string },
): Promise<Settled> {
  const { chain, loaded, say } = subject;
  const { slowWallet, timelock } = loaded.deployment;
  const at = blueprint.addressOf("timelock");
  const operations = rederiveOperations(plan, blueprint);
  let standing = await standingOf(chain, at, operations);
  const isKey = chain.isDevelopment && !(await hasCode(chain.endpoint, slowWallet));
  const executors = executorsOf(timelock, slowWallet);
  if (isKey)
    for (const call of [...standing.toCancel, ...standing.toSchedule]) {
      await sendAs(chain, slowWallet, call);
      say(`The slow wallet has sent: ${call.what}`);
    }
  if (executors.includes(signer.address))
    for (const call of standing.toExecute) await sendWith(chain, signer, fees, call);
  else if (isKey) for (const call of standing.toExecute) await sendAs(chain, executors[0]!, call);
  standing = await standingOf(chain, at, operations);
  return toSettled({ chainId: chain.chainId, slowWallet }, standing, path);
}

/** There is no plan, and nobody to plan for. */
export class NotPlanned extends UsageError {
  override readonly name = "NotPlanned";
  constructor(
    path: string,
    wayOut = "Give --keystore FILE, or the plan of the deployment that stands with --plan FILE.",
  ) {
    super(
      `There is no plan ${quoted(path)}.`,
      "The addresses of a deployment stand in its plan, or follow from the deployer's account.",
      wayOut,
    );
  }
}

/** Another run works on the plan. Retryable: when that one has ended. */
export class PlanInUse extends Error {
  override readonly name = "PlanInUse";
  constructor(path: string, cause: FolderLockedError) {
    super(
      `The plan "${path}" is in use by process ${cause.pid ?? "(unknown)"}.\n` +
        "- Two runs at a time would sign for the same nonces.\n" +
        "- Wait until that one has ended, or stop it, and run this again: it goes on where the other stood.",
      { cause },
    );
  }
}

/** The plan was begun with another key. */
export class OtherDeployer extends UsageError {
  override readonly name = "OtherDeployer";
  constructor(path: string, planned: Address, given: Address) {
    super(
      `The plan "${path}" was made for the deployer ${planned}; this key is ${given}.`,
      "Addresses follow from the deployer.",
      "Give its keystore, or move the plan away to deploy anew.",
    );
  }
}
