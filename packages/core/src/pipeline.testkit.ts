// Blocks, detectors and a policy for tests of the pipeline. Not shipped as API.
import { z } from "zod";
import { pausePlaybook } from "./governance/pausePlaybook.ts";
import { toPolicy } from "./governance/policyCheck.ts";
import type { Action } from "./model/Action.ts";
import type { BlockBundle, BlockRef, Log } from "./model/BlockBundle.ts";
import { type DetectContext, type DetectorUse, useDetector } from "./model/Detector.ts";
import type { FindingClass, FindingDraft } from "./model/Finding.ts";
import type { Hex } from "./model/Hex.ts";
import type { Input } from "./model/Input.ts";
import type { Commit, Output } from "./model/Output.ts";
import type { Program } from "./model/Program.ts";
import { hashOf } from "./model/Record.ts";
import { openState, type PipelineState, step } from "./pipeline.ts";

export const vault: Hex = `0x${"aa".repeat(20)}`;
export const breaker: Hex = `0x${"bb".repeat(20)}`;
export const council: Hex = `0x${"cc".repeat(20)}`;
export const guardians: readonly Hex[] = [`0x${"01".repeat(20)}`, `0x${"02".repeat(20)}`, `0x${"03".repeat(20)}`];
export const withdraw: Hex = "0x2e1a7d4d";
export const close: Hex = "0x43d726d6";

/** Block `number` of branch `branch`, following on `parent`. `marks` are read by the test detectors. */
export function blockOn(
  parent: BlockRef | null,
  branch = "a",
  marks: readonly string[] = [],
  logs: readonly Log[] = [],
): BlockBundle {
  const number = (parent?.number ?? 99n) + 1n;
  const hash = hashOf({ number, branch, marks, parent: parent?.hash ?? "genesis" });
  const ref: BlockRef = {
    number,
    hash,
    parentHash: parent?.hash ?? `0x${"00".repeat(32)}`,
    timestamp: 1_000_000n + number * 2n,
  };
  const txs = marks.map((mark, index) => ({
    hash: hashOf({ mark }),
    index,
    from: `0x${"ee".repeat(20)}` as Hex,
    to: vault,
    value: 0n,
    input: `0x${Buffer.from(mark).toString("hex")}` as Hex,
    nonce: 0,
  }));
  return { ref, txs, logs, has: ["L", "X"], sources: ["test"] };
}

export function marksOf(bundle: BlockBundle): readonly string[] {
  return bundle.txs.map((tx) => Buffer.from(tx.input.slice(2), "hex").toString());
}

/** A detector that runs `detect` on each block. */
export function detectorOf(
  id: string,
  cls: FindingClass,
  detect: (c: DetectContext<object>) => void,
  hard = false,
): DetectorUse {
  const meta = {
    id,
    version: "1.0.0",
    class: cls,
    needs: { all: ["X"] as const },
    finality: 3,
    hard,
    runbook: "RUNBOOK.md",
    owner: "test",
  };
  return useDetector({ meta, params: z.object({}).strict(), defaults: {}, detect });
}

/** Raises a critical finding in each transaction that is marked `mark`. */
export function onMark(id: string, cls: FindingClass, mark: string, hard = false): DetectorUse {
  return detectorOf(
    id,
    cls,
    (c) => {
      for (const { tx } of c.txs)
        if (marksOf(c.block)[tx.index] === mark) c.finding(draftOf({ txHash: tx.hash, key: [tx.hash] }));
    },
    hard,
  );
}

export function draftOf(change: Partial<FindingDraft> = {}): FindingDraft {
  return { severity: "critical", reason: "test", subject: vault, key: [], score: 1, evidence: {}, ...change };
}

export function programOf(detectors: readonly DetectorUse[], change: Partial<Program> = {}): Program {
  const policy = toPolicy({
    expiresAt: 10_000_000n,
    permissions: [{ target: vault, name: "Vault", selectors: [withdraw], exempt: [close], maxDurationSeconds: 21_600 }],
    minSeverity: "high",
    guardians,
    quorum: 2,
    council,
    breaker,
    coolOffSeconds: 86_400,
    deadlineSeconds: 300,
    canaries: [],
  });
  const playbooks = [
    pausePlaybook({ id: "stop", targets: [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }] }),
  ];
  return { chainId: 31_337, watched: [vault], detectors, playbooks, policy, ...change };
}

/** Feeds inputs and gathers outputs. */
export function feeder(program: Program, state: PipelineState = openState()) {
  const commits: Commit[] = [];
  const all: Output[] = [];
  const feed = (...inputs: Input[]): readonly Output[] => {
    const outputs = inputs.flatMap((input) => step(program, state, input).outputs);
    all.push(...outputs);
    commits.push(...outputs.filter((output) => output.kind === "commit"));
    return outputs;
  };
  const live = (bundle: BlockBundle) => feed({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
  return {
    state,
    commits,
    feed,
    live,
    outputs: (): readonly Output[] => all,
    records: () => commits.flatMap((c) => c.records),
    notices: () => commits.flatMap((c) => c.notices),
  };
}

export const armed = { kind: "mode", mode: "armed", actor: "test", reason: "test" } as const;

type Feeder = ReturnType<typeof feeder>;

/** The states that actions went through, in order. */
export const states = (f: Feeder) => f.records().flatMap((r) => (r.kind === "ActionStatus" ? [r.state] : []));

/** The first action that was proposed. */
export function actionOf(f: Feeder): Action {
  const action = f.records().find((record) => record.kind === "Action");
  if (action === undefined) throw new Error("no action was proposed");
  return action;
}

/** Has the trial of `action` succeed on `head`. */
export function pass(f: Feeder, action: Hex, head: BlockBundle): readonly Output[] {
  return f.feed({ kind: "simulation", action, passed: true, ref: head.ref, calls: [], note: "ok" });
}

/** Signs `action` in the name of the guardians `who`. */
export function sign(f: Feeder, action: Hex, ...who: number[]): readonly Output[] {
  return who.flatMap((i) => f.feed({ kind: "approval", action, signer: guardians[i]!, signature: `0x0${i}` }));
}

/** `count` blocks after `head` in which nothing happens; the last of them. */
export function calm(f: Feeder, head: BlockBundle, count: number, branch = "a"): BlockBundle {
  let last = head;
  for (let i = 0; i < count; i += 1) {
    last = blockOn(last.ref, branch);
    f.live(last);
  }
  return last;
}

/** What opens the gate in a block with a transaction that is marked "attack", and a program of both. */
export const anomaly = onMark("odd", "anomaly", "attack");
export const damage = onMark("harm", "damage", "attack");
export const both = programOf([anomaly, damage]);

export type Fed = { readonly f: Feeder; readonly attack: BlockBundle };

/** An armed pipeline after a block with an attack. */
export function attacked(program: Program): Fed {
  const f = feeder(program);
  const attack = blockOn(null, "a", ["attack"]);
  f.feed(armed);
  f.live(attack);
  return { f, attack };
}

/** The same, with its first action tried, and signed by a quorum. */
export function signed(program: Program): Fed & { readonly action: Action } {
  const { f, attack } = attacked(program);
  const action = actionOf(f);
  pass(f, action.id, attack);
  sign(f, action.id, 0, 1);
  return { f, attack, action };
}

/** How often the order to send was given. */
export const sendsOf = (f: Feeder) => f.outputs().filter((o) => o.kind === "send").length;
