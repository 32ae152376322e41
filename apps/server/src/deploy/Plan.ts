// What a deployment has done so far, in a file that is written before anything is sent. A contract's address follows
// from the deployer and a nonce, and a nonce is used once: so nothing is deployed twice, wherever the program stopped.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { getContractAddress } from "viem/utils";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import { replaceFile } from "../operator/writeFile.ts";

const hex = matching<Hex>(/^0x([0-9a-f]{2})*$/);
const address = matching<Address>(/^0x[0-9a-f]{40}$/);
const hash = matching<Hex>(/^0x[0-9a-f]{64}$/);

function matching<T>(form: RegExp) {
  return z.custom<T>((value) => typeof value === "string" && form.test(value));
}

const fee = z.string().regex(/^\d+$/);
const transactionSchema = z.strictObject({
  hash,
  raw: hex,
  gas: fee,
  maxFeePerGas: fee,
  maxPriorityFeePerGas: fee,
});

const contractSchema = z.strictObject({
  name: z.string(),
  address,
  nonce: z.int(),
  /** Of the creation code with its arguments. */
  codeHash: hash,
  /** Signed, stored, then sent. All have one nonce and create the same: the later ones only pay more. */
  transactions: z.array(transactionSchema),
  /** The block in which it stands. */
  block: z.int().optional(),
});

const callSchema = z.strictObject({ what: z.string(), to: address, data: hex });

const operationSchema = z.strictObject({
  id: hash,
  predecessor: hash,
  salt: hash,
  delaySeconds: z.int(),
  fileHash: hash,
  calls: z.array(callSchema),
});

const planSchema = z
  .strictObject({
    version: z.literal(1),
    chainId: z.int(),
    /** Hash of block 0: a development chain that was started anew is another chain under the same id. */
    genesis: hash,
    deployer: address,
    /** Hash of the checked deployment. */
    fileHash: hash,
    contracts: z.array(contractSchema),
    /** The version of the file for which was decided what to propose; empty before. */
    decidedFor: hex,
    operations: z.array(operationSchema),
  })
  .superRefine(({ deployer, contracts }, context) => {
    // Another address would have a stranger's contract compared, and named to others.
    contracts.forEach(({ name, address, nonce }, i) => {
      if (address === createdAt(deployer, nonce)) return;
      const message = `${name} is not what ${deployer} creates with nonce ${nonce}`;
      context.addIssue({ code: "custom", path: ["contracts", i, "address"], message });
    });
  });

export type Plan = z.output<typeof planSchema>;
export type PlannedContract = Plan["contracts"][number];
export type StoredTransaction = z.output<typeof transactionSchema>;
export type Operation = Plan["operations"][number];

/** Where the plan of the deployment `file` on `chainId` lies: beside it. */
export function planPath(file: string, chainId: number): string {
  return join(dirname(file), `${basename(file).replace(/\.[cm]?[jt]s$/, "")}.${chainId}.plan.json`);
}

/** The plan at `path`, or undefined where there is none. Throws PlanUnreadable. */
export function readPlan(path: string): Plan | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return planSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new PlanUnreadable(path, cause);
  }
}

/** Replaces the plan at `path`; after a crash the old or the new one is there, whole. */
export function writePlan(path: string, plan: Plan): void {
  replaceFile(path, `${JSON.stringify(plan, null, 2)}\n`);
}

/** The addresses of the contracts `names`, created one after the other by `deployer` from `firstNonce` on. */
export function planAddresses(
  names: readonly string[],
  deployer: Address,
  firstNonce: number,
): readonly { readonly name: string; readonly address: Address; readonly nonce: number }[] {
  return names.map((name, i) => ({
    name,
    nonce: firstNonce + i,
    address: createdAt(deployer, firstNonce + i),
  }));
}

function createdAt(deployer: Address, nonce: number): Address {
  return toLower(getContractAddress({ from: deployer, nonce: BigInt(nonce) }));
}

function whyOf(cause: unknown): string {
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
  if (issue !== undefined) return `${issue.path.join(".") || "the whole"}: ${issue.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The plan is damaged. */
export class PlanUnreadable extends UsageError {
  override readonly name = "PlanUnreadable";
  constructor(path: string, cause: unknown) {
    super(
      `The plan "${path}" cannot be read: ${whyOf(cause)}`,
      "It is what keeps a deployment from being made twice.",
      "Restore it from a copy (it belongs into the repository); do not delete it while a deployment is under way.",
      { cause },
    );
  }
}

/** The plan says something that follows neither from the file nor from the chain: somebody has changed it. */
export class PlanForged extends UsageError {
  override readonly name = "PlanForged";
  constructor(path: string, what: string) {
    super(
      `The plan "${path}" is refused: ${what}.`,
      "A plan holds nothing but what follows from the file, the deployer and the chain; nothing was signed or written.",
      "Restore it from a copy that you trust, and look who could write to it. If testudo was updated since, use the version that wrote it.",
    );
  }
}
