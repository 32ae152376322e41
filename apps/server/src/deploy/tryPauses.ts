// Whether what is protected obeys: on a private copy of the chain each guarded function is paused in the council's name
// and called. A contract that names the breaker and does not ask it looks the same as one that does, until it is tried.

import { describeRevert } from "@testudo/chain/act/readPause";
import type { ForkCall, ForkResult } from "@testudo/chain/fork/forkAt";
import { circuitBreaker, selectorBreaker } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { decodeErrorResult, encodeFunctionData, stringToHex } from "viem/utils";
import type { Blueprint } from "./blueprint.ts";
import type { Deployment } from "./Deployment.ts";
import { daySeconds, type FunctionRef } from "./deployFields.ts";
import { emptyCall } from "./emptyCall.ts";
import type { Chain } from "./openChain.ts";
import type { Row } from "./readChain.ts";
import { replayAtHead } from "./replayAtHead.ts";

/** What is tried: a file, where its contracts are, and the calls that come before, such as their creations. */
export interface Tried {
  readonly file: Deployment;
  readonly blueprint: Pick<Blueprint, "addressOf" | "fileHash">;
  readonly before: readonly ForkCall[];
}

type Protected = Deployment["protect"][number];

// By then every budget is full again, and no pause of now runs.
const aheadSeconds = BigInt(31 * daySeconds);
const pauseSeconds = 3_600;
const stranger = "0x000000000000000000000000000000000000dead";

const refused = "refused with Breaker_Paused";
const answers = "answers";
// Not a difference: most functions fail when a stranger calls them with zeros, paused or not.
const unproven = "fails as it does without a pause, which proves nothing (a call under `probes` would)";

/**
 * A row for each guarded function, which has to be refused with Breaker_Paused while it is paused, and for each exempt
 * one, which has to answer meanwhile as it did before. Throws what the node or the copy throws.
 */
export async function tryPauses(chain: Chain, tried: Tried): Promise<readonly Row[]> {
  const { file, before } = tried;
  const left = [
    ...(await replayAtHead(chain, ({ timestamp }) => [
      ...before,
      ...file.protect.flatMap((contract, i) => callsOf(contract, tried, timestamp + aheadSeconds, i)),
    ])),
  ].slice(before.length);
  return file.protect.flatMap((contract) => {
    const take = (functions: readonly FunctionRef[]) => left.splice(0, functions.length);
    const results = {
      quiet: take(contract.exempt),
      trips: take(contract.guarded),
      paused: take(contract.guarded),
      meanwhile: take(contract.exempt),
    };
    return rowsOf(contract, results);
  });
}

// In the order of `tryPauses`'s results: exempt ones, trips, guarded ones, exempt ones again.
function callsOf(contract: Protected, { blueprint }: Tried, now: bigint, index: number): readonly ForkCall[] {
  const { guarded, exempt } = contract;
  const trips = guarded.map(({ selector }): ForkCall => {
    const until = Number(now) + (index + 1) * pauseSeconds;
    const why = { reason: stringToHex("REHEARSAL", { size: 32 }), evidence: blueprint.fileHash };
    const args = [contract.address, selector, until, why] as const;
    const data = encodeFunctionData({ abi: circuitBreaker.abi, functionName: "trip", args });
    return { from: blueprint.addressOf("council"), to: blueprint.addressOf("breaker"), data };
  });
  const probes = (functions: readonly FunctionRef[]) => functions.map((item) => probeOf(contract, item));
  const [first, ...others] = [...probes(exempt), ...trips, ...probes(guarded), ...probes(exempt)];
  return [{ ...first!, timestamp: now + BigInt(index * pauseSeconds) }, ...others];
}

function probeOf({ address, probes = [] }: Protected, { signature, selector }: FunctionRef): ForkCall {
  const own = probes.find((probe) => probe.function.selector === selector);
  return { from: own?.from ?? stranger, to: address, data: own?.data ?? emptyCall(signature) };
}

interface Results {
  readonly quiet: readonly ForkResult[];
  readonly trips: readonly ForkResult[];
  readonly paused: readonly ForkResult[];
  readonly meanwhile: readonly ForkResult[];
}

function rowsOf({ name, guarded, exempt }: Protected, { quiet, trips, paused, meanwhile }: Results): readonly Row[] {
  const row = (field: string, expected: string, found: string): Row => {
    return { module: "breaker", field, expected, found, isAsExpected: expected === found };
  };
  return [
    ...guarded.map(({ signature, selector }, i) => {
      const found = trips[i]!.succeeded ? wordsOf(paused[i]!, selector) : `cannot be paused: ${trips[i]!.detail}`;
      return row(`${signature} of ${name}, paused on a copy of the chain`, refused, found);
    }),
    ...exempt.map(({ signature }, i) => {
      const found = exemptWords(quiet[i]!, meanwhile[i]!);
      return row(`${signature} of ${name} meanwhile`, found === unproven ? unproven : answers, found);
    }),
  ];
}

function wordsOf({ succeeded, trace, detail }: ForkResult, selector: Hex): string {
  if (succeeded) return "goes through: it does not ask the breaker";
  if (pausedSelector(trace.output) === selector) return refused;
  return `refused for another reason, so that nothing is proven: ${detail}`;
}

function exemptWords(quiet: ForkResult, meanwhile: ForkResult): string {
  if (meanwhile.succeeded) return answers;
  if (quiet.succeeded || pausedSelector(meanwhile.trace.output) !== undefined)
    return `refused: ${describeRevert(meanwhile.trace.output)}`;
  return unproven;
}

function pausedSelector(output: Hex): Hex | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: selectorBreaker.abi, data: output });
    return errorName === "Breaker_Paused" ? (args[0] as Hex) : undefined;
  } catch {
    return undefined;
  }
}

/** Those of `rows` whose call fails with and without a pause, in words. */
export function unprovenOf(rows: readonly Row[]): readonly string[] {
  return rows.filter(({ found }) => found === unproven).map(({ field, found }) => `${field}: ${found}`);
}

/** Throws PausesNotObeyed where one of `rows` is not as it has to be. */
export function assertObeyed(rows: readonly Row[]): void {
  const bad = rows.filter(({ isAsExpected }) => !isAsExpected);
  if (bad.length > 0) throw new PausesNotObeyed(bad);
}

/** A protected contract does not do what its pauses say. */
export class PausesNotObeyed extends Error {
  override readonly name = "PausesNotObeyed";
  constructor(rows: readonly Row[]) {
    super(
      `${rows.map(({ field, found }) => `${field}: ${found}.`).join("\n")}\n` +
        "- A guarded function asks the breaker first (Guarded, SelectorBreaker or GateProxy), an exempt one never asks for another.\n" +
        "- Correct the contract. A function that looks at its caller or its arguments before needs a call that gets further: name it under `probes` (function, from, data).",
    );
  }
}
