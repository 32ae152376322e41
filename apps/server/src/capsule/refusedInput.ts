import { UrlRefused } from "@testudo/chain/rpcEndpoint";
import { UnknownChain, UnknownRules } from "@testudo/lab/chainRules";
import { NotACapsule, NotTransactions } from "@testudo/lab/parseCapsule";
import { SourcesDiffer } from "@testudo/lab/patch/candidateUpgrades";
import { GateRefused } from "@testudo/lab/patch/Gate";
import { NotProperties } from "@testudo/lab/patch/Property";
import { NotAPatch } from "@testudo/lab/patch/parsePatch";
import { BenignIdle, NoAttack, NoVictim } from "@testudo/lab/patch/playBaseline";
import { NothingToReplay, ReplayTooLarge, RulesChange } from "@testudo/lab/replayCapsule";
import { PortInUse } from "@testudo/lab/serveRpc";
import { EdrMissing, RulesUnknownToEdr } from "@testudo/lab/startEdr";
import { UsageError } from "../config/UsageError.ts";

const faults = [
  NotACapsule,
  NotTransactions,
  NotAPatch,
  BenignIdle,
  NoAttack,
  NoVictim,
  NotProperties,
  GateRefused,
  SourcesDiffer,
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

/** What `work` gives. What is wrong with the input of it becomes a UsageError in the same words. */
export async function refusingInput<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !faults.some((fault) => error instanceof fault)) throw error;
    const [what = "", allowed = "", wayOut = ""] = error.message.split("\n- ");
    throw new UsageError(what, allowed, wayOut, { cause: error });
  }
}
