import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseFrame } from "@testudo/chain/wire/parseTrace";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { readPacked } from "@testudo/lab/record/readPacked";
import type { EvaluationCase } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { caseOf } from "./caseOf.ts";
import { faultOf } from "./faultOf.ts";
import type { Labels } from "./readLabels.ts";

export interface TraceSourceOptions {
  readonly labels: Labels;
  readonly protect?: readonly Address[];
}

const chainIds: { readonly [chain: string]: number } = { mainnet: 1, ethereum: 1, bsc: 56, arbitrum: 42_161 };

/** Call trees, one a file, named by transaction hash. What the labels do not name is ordinary traffic. */
export function traceSource(files: readonly string[], options: TraceSourceOptions): CaseSource {
  const hashes = new Map<string, string>();
  return {
    kind: "traces",
    hashes,
    coveredSeconds: () => 0,
    async *cases(signal, onProgress) {
      for (const [index, file] of files.entries()) {
        if (signal.aborted) return;
        onProgress({ done: index, total: files.length, what: basename(file) });
        try {
          const bytes = readFileSync(file);
          hashes.set(basename(file), createHash("sha256").update(bytes).digest("hex"));
          yield await judgeTree(treeIn(bytes, file), file, options);
        } catch (error) {
          yield faultOf(file, error);
        }
      }
    },
  };
}

async function judgeTree(
  trace: CallFrame,
  file: string,
  { labels, protect }: TraceSourceOptions,
): Promise<EvaluationCase> {
  const tx = hashOf(file);
  const label = labels.get(tx);
  const chainId = chainIds[label?.chain?.toLowerCase() ?? "mainnet"] ?? 1;
  const verdict = await caseOf({ trace, hash: tx, chainId }, protect ? { protect } : {});
  const { name, mechanism, at } = label ?? {};
  return {
    kind: "judged",
    tx,
    truth: label?.truth ?? "benign",
    source: basename(file),
    ...(name === undefined ? {} : { name }),
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(at === undefined ? {} : { at }),
    ...verdict,
  };
}

/** The tree in `bytes`: a frame of callTracer, bare or as the result of a JSON-RPC answer. */
function treeIn(bytes: Uint8Array, file: string): CallFrame {
  const json = readPacked(bytes);
  const isWrapped = json !== null && typeof json === "object" && !("type" in json) && "result" in json;
  return parseFrame(isWrapped ? json.result : json, { method: `file ${basename(file)}` });
}

// A tree says nothing of its transaction; files are named by it, and one that is not has a hash of its own name.
function hashOf(file: string): Hex {
  const name = basename(file).replace(/\.json(\.gz)?$/, "");
  if (/^0x[0-9a-fA-F]{64}$/.test(name)) return toLower(name);
  return `0x${createHash("sha256").update(name).digest("hex")}`;
}
