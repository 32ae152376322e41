import { UrlRefused } from "@testudo/chain/rpc/rpcEndpoint";
import { NothingToReplay, ReplayTooLarge, RulesChange } from "@testudo/lab/capsule/replayCapsule";
import { PortInUse } from "@testudo/lab/engine/serveRpc";
import { EdrMissing, RulesUnknownToEdr } from "@testudo/lab/engine/startEdr";
import { UnknownChain, UnknownRules } from "@testudo/lab/record/chainRules";
import { NotACapsule, NotTransactions } from "@testudo/lab/record/parseCapsule";
import { UsageError } from "../config/UsageError.ts";

type Fault = abstract new (...args: never[]) => Error;

const faults: readonly Fault[] = [
  NotACapsule,
  NotTransactions,
  UnknownChain,
  UnknownRules,
  NothingToReplay,
  RulesChange,
  ReplayTooLarge,
  PortInUse,
  UrlRefused,
  EdrMissing,
  RulesUnknownToEdr,
];

/** What `work` gives. What is wrong with the input of it, by `more` too, becomes a UsageError in the same words. */
export async function refusingInput<T>(work: () => Promise<T> | T, more: readonly Fault[] = []): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || ![...faults, ...more].some((fault) => error instanceof fault)) throw error;
    const [what = "", allowed = "", wayOut = ""] = error.message.split("\n- ");
    throw new UsageError(what, allowed, wayOut, { cause: error });
  }
}
