// Run as a process of its own, to be killed: sends one action from the store of a data folder and prints each step.
import { readFileSync } from "node:fs";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { Signer } from "@testudo/core/model/Signer";
import type { SendCommand } from "testudo/jobs/send/leaseBytes";
import { sendAction } from "testudo/jobs/send/send";
import { localSigner } from "testudo/keystore/localSigner";
import { readSwitch } from "testudo/operator/switch";
import { openStore } from "testudo/store/openStore";

/** What the process is told, as a plain-JSON file named on its command line. */
export interface SenderOrder {
  readonly dataDir: string;
  readonly rpc: string;
  readonly chainId: number;
  readonly key: Hex;
  readonly command: SendCommand;
}

const { dataDir, rpc, chainId, key, command } = fromPlainJson<SenderOrder>(readFileSync(process.argv[2]!, "utf8"));
const store = await openStore(dataDir);
const signer = localSigner(key);
// Time for the word to arrive, so that a kill falls between the steps.
const say = async (word: string) => {
  process.stdout.write(`${word}\n`);
  await new Promise((resolve) => setTimeout(resolve, 40));
};
const slow: Signer = {
  ...signer,
  async signTransaction(transaction) {
    await say("signing");
    const raw = await signer.signTransaction(transaction);
    await say("storing");
    return raw;
  },
};
await sendAction(
  {
    store,
    endpoints: [openEndpoint(rpc)],
    signer: slow,
    chainId,
    readSwitch: () => readSwitch(dataDir),
    head: () => undefined,
    tell: (input) => void process.stdout.write(`${input.kind === "effect" ? input.state : input.kind}\n`),
    signal: new AbortController().signal,
    lookEveryMs: 100,
  },
  command,
);
