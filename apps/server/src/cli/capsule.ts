import { once } from "node:events";
import { countOf } from "@testudo/core/model/countOf";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import { wholeNumber } from "./flags/wholeNumber.ts";
import { printLine, printNote } from "./terminal/printLine.ts";
import { stopSignal } from "./terminal/stopSignal.ts";

interface RecordFlags {
  readonly rpc: string;
  readonly tx: string[];
  readonly out: string;
  readonly hardfork?: string;
}

/** `testudo capsule`: pieces of chain state in a file. */
export function registerCapsule(program: Command): void {
  const command = program
    .command("capsule")
    .description("pieces of chain state with the transactions to replay on them");
  command
    .command("record")
    .description("write what transactions met, and what came of them, into one file")
    .requiredOption("--rpc <url>", "a node that has the transactions; with debug_traceTransaction the record is exact")
    .requiredOption("--tx <hash...>", "transactions in blocks of the node, in any order")
    .requiredOption("--out <file>", "the capsule; what stands there is replaced once the new one is whole")
    .option("--hardfork <name>", 'rules of the chain, such as "cancun"; default: what the node tells, or the chain\'s')
    .action(record);
  command
    .command("serve <file>")
    .description(
      "be a node that only reads, for anvil, forge and Hardhat to fork from; GET /missing tells what was lacking",
    )
    .option("--port <n>", "on 127.0.0.1; 0 takes a free one", "8545")
    .action(serve);
}

async function record({ rpc, tx, out, hardfork }: RecordFlags): Promise<void> {
  const hashes = tx.map(hashIn);
  const { openEndpoint } = await import("@testudo/chain/rpc/rpcEndpoint");
  const { parseCapsule } = await import("@testudo/lab/record/parseCapsule");
  const { writeCapsule } = await import("@testudo/lab/record/writeCapsule");
  const { recordCapsule } = await import("../capsule/recordCapsule.ts");
  const { refusingInput } = await import("../capsule/refusedInput.ts");
  const { assertReplaceable, NoPlainFile, replaceFile } = await import("../operator/writeFile.ts");
  // A recording may take minutes.
  await refusingInput(() => assertReplaceable(out), [NoPlainFile]);
  const endpoint = await refusingInput(() => openEndpoint(rpc));
  try {
    const options = hardfork === undefined ? {} : { hardfork };
    const capsule = await refusingInput(() => recordCapsule(endpoint, hashes, options));
    const bytes = writeCapsule(capsule);
    // What cannot be read again must not take the place of what can.
    await refusingInput(() => parseCapsule(bytes, out));
    replaceFile(out, bytes);
    const slots = [...capsule.accounts.values()].reduce((sum, { storage }) => sum + storage.size, 0);
    for (const gap of capsule.gaps ?? []) printNote(`gap: ${printable(gap)}`);
    printLine(
      `Recorded ${countOf(capsule.transactions!.length, "transaction")} on block ${capsule.block.number}: ` +
        `${capsule.accounts.size} accounts, ${slots} slots, ${bytes.length} bytes in ${printable(out)}`,
    );
  } finally {
    endpoint.close();
  }
}

async function serve(file: string, { port }: { readonly port: string }): Promise<void> {
  const wanted = wholeNumber("--port", port, 0, 65_535);
  const { serveCapsule } = await import("@testudo/lab/capsule/serveCapsule");
  const { readCapsuleFile } = await import("../capsule/readCapsuleFile.ts");
  const { refusingInput } = await import("../capsule/refusedInput.ts");
  const capsule = await readCapsuleFile(file);
  const signal = stopSignal();
  const served = await refusingInput(() => serveCapsule(capsule, wanted));
  printLine(served.url);
  printNote(`${printable(capsule.name)}: chain ${capsule.chainId}, block ${capsule.block.number}. Ctrl-C ends it.`);
  // Its cache goes by chain and block, and would mix this state with the chain's.
  printNote(`anvil --fork-url ${served.url} --no-storage-caching`);
  if (!signal.aborted) await once(signal, "abort");
  await served.close();
  const { accounts, slots, blockHashes } = served.missing();
  printNote(
    `Asked for and not recorded: ${accounts.length} accounts, ${slots.length} slots, ${blockHashes.length} block hashes.`,
  );
}

function hashIn(text: string): `0x${string}` {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as `0x${string}`;
  throw new UsageError(
    `--tx "${text}" is no hash.`,
    "Allowed: 0x and 64 hexadecimal digits.",
    "Copy the transaction's hash whole.",
  );
}
