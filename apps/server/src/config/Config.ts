import type { RelayMethod } from "@testudo/chain/act/sendPrivately";
import type { Calibration } from "@testudo/core/model/Calibration";
import type { CompositeRule } from "@testudo/core/model/CompositeRule";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Severity } from "@testudo/core/model/Finding";
import type { RuleKind } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Playbook } from "@testudo/core/model/Playbook";
import type { Canary, Policy, RateLimit } from "@testudo/core/model/Policy";
import type { Observability } from "../observe/Observability.ts";
import type { ChannelConfig, EscalationConfig, SecretRef } from "./ChannelConfig.ts";
import type { ChannelSettings, EscalationSettings } from "./channelSchema.ts";

/** A contract to protect. A bare address gets the name "protected-1" and so on. */
export type ProtectConfig = Hex | { readonly name: string; readonly address: Hex };

/** A pause that software may ask for. `exempt` names what must stay open under every pause: closing, repaying, adding margin. */
export interface PermissionConfig {
  readonly target: Hex;
  readonly name: string;
  /** By selector, or by the signature with full types, such as "withdraw(uint256)". */
  readonly selectors: readonly string[];
  readonly exempt?: readonly string[];
  /** 1 s to 72 h. */
  readonly maxDurationSeconds: number;
  /**
   * A pause is sent only once the blocks of what it answers are so many blocks deep, or "finalized". Default at once: an attack
   * does not wait either. Alerts never wait.
   */
  readonly finality?: number | "finalized";
  /**
   * Only anomalies count that `calibration` puts beyond this budget or a stricter one, in millionths of the contract's
   * transactions: 100 is 0.01 %. A step of the ladder. Default: uncalibrated ones count too.
   */
  readonly budgetPpm?: number;
}

/** Functions of a contract that a program may put guard rules on. */
export interface RulePermissionConfig {
  readonly target: Hex;
  readonly selectors: readonly string[];
  readonly kinds: readonly RuleKind[];
  /** 1 s to 36 h. */
  readonly maxDurationSeconds: number;
  /** As of a pause: default at once. */
  readonly finality?: number | "finalized";
  /** As of a pause. */
  readonly budgetPpm?: number;
}

/** Functions of a contract that rules may be derived for while an attack runs. */
export interface DerivePermissionConfig extends RulePermissionConfig {
  /** Contracts whose `updatedAt()` an ORACLE_DELAY may wait for; default none. */
  readonly oracles?: readonly Hex[];
  /** The arguments that are amounts, with what stays possible whatever was derived; default none: no argument is bounded. */
  readonly amounts?: readonly {
    readonly selector: string;
    readonly argIndex: number;
    readonly lowestMax?: bigint | number | string;
    readonly highestMin?: bigint | number | string;
  }[];
}

/** What a program may rule without a person. */
export interface RuleBoundsConfig {
  /** The sender's address, registered at the breaker for each function. */
  readonly program: Hex;
  readonly permissions: readonly RulePermissionConfig[];
  /** 1 to 16. */
  readonly atOnce: number;
  /** Without it no rule is derived. */
  readonly derived?: {
    readonly permissions: readonly DerivePermissionConfig[];
    /** Most derived rules in 24 hours; 1 to 24. */
    readonly aDay: number;
    /** Honest senders that have to be known; default 5. */
    readonly leastHonest?: number;
    /** How far back they are looked for; default 5,000. */
    readonly lookBackBlocks?: number;
    /** 1,000 to 120,000; default 20,000. */
    readonly budgetMs?: number;
  };
}

/** A private relay: it gets signed bytes first, and the public nodes some blocks later or never. */
export interface RelayConfig {
  /** https, or http of a loopback address. It may hold a key: write it as `env("…")`. */
  readonly url: string;
  /** How it takes them; default "eth_sendRawTransaction". */
  readonly method?: RelayMethod;
  /** Sent with each request, such as `{ name: "authorization", value: { env: "RELAY_AUTH" } }`. */
  readonly header?: { readonly name: string; readonly value: SecretRef };
  /** Blocks after the first offer; 1 to 1,000, or "never". Default 2. */
  readonly publicAfterBlocks?: number | "never";
}

/** What programs and guardians may do on chain. Without it nothing is ever proposed. */
export interface PolicyConfig {
  /** Unix seconds, or a date such as "2027-03-31". It has to be renewed by hand, so that a forgotten policy ends. */
  readonly expiresAt: number | bigint | string;
  readonly permissions: readonly PermissionConfig[];
  readonly guardians: readonly Hex[];
  /** Signatures for a pause; at least 2. */
  readonly quorum: number;
  readonly council: Hex;
  readonly breaker: Hex;
  /** Default "high". */
  readonly minSeverity?: Severity;
  /** Default 24 h. */
  readonly coolOffSeconds?: number;
  /** Most actions that may begin by themselves within so many seconds. Default: none but the cool-off. */
  readonly rateLimit?: RateLimit;
  /** A view on the chain that answers other than zero while nothing may be sent, such as "halted()". */
  readonly haltFlag?: { readonly contract: Hex; readonly function: string };
  /** How long guardians have to sign; default 1 h. */
  readonly deadlineSeconds?: number;
  readonly canaries?: readonly Canary[];
  /** Without it no guard rule is set without a person. */
  readonly rules?: RuleBoundsConfig;
  /** Without it signed bytes go to the nodes of `rpc` at once. */
  readonly relay?: RelayConfig;
}

/** A chain that is read and not watched. */
export interface RemoteConfig {
  readonly chainId: number;
  readonly rpc: readonly string[];
}

/** What `testudo.config.ts` says. Unknown keys are errors; relative paths start at the file's folder. */
export interface Config {
  /** One to eight nodes, each http or https. */
  readonly rpc: readonly string[];
  /** Up to eight nodes, each ws or wss, that say when there is a new head. They are not believed: `rpc` is asked. Default none. */
  readonly heads?: readonly string[];
  /** How many nodes must name the same hash for a block; default 2, or 1 with a single node. */
  readonly quorum?: number;
  /** Refuse to start on another chain. */
  readonly chainId?: number;
  /** Other chains that detectors read, such as the far side of a bridge, with one to eight nodes each. */
  readonly remotes?: readonly RemoteConfig[];
  readonly protect: readonly ProtectConfig[];
  /** Default: the set that needs no configuration. */
  readonly detectors?: readonly DetectorUse[];
  /** Files of rules in YAML or JSON; their detectors run beside the others. */
  readonly rules?: string | readonly string[];
  readonly playbooks?: readonly Playbook[];
  readonly policy?: PolicyConfig;
  /** Default: the terminal. */
  readonly channels?: readonly ChannelConfig[];
  /** Default: nobody besides. */
  readonly escalations?: readonly EscalationConfig[];
  /** Default: 127.0.0.1:4600. Only loopback addresses are allowed. */
  readonly api?: { readonly port?: number; readonly host?: string };
  /** Default ".testudo". */
  readonly dataDir?: string;
  /** How often nodes are asked for their head, in ms; default 500. */
  readonly pollMs?: number;
  /** How long a detector may take for a block, in ms; default 250. Each call, log and word of a log beyond 10,000 gives it 25 µs more. */
  readonly detectorLimitMs?: number;
  /** The account that pays for sending an approved pause. Without it proposals wait for someone else to send them. */
  readonly sender?: { readonly keystore: string; readonly passwordFile: string };
  /**
   * The deployment that this watch relies on: compared with the chain at the start and then every so many minutes
   * (default 10). A drift is an alert.
   */
  readonly deployment?: { readonly file: string; readonly plan?: string; readonly everyMinutes?: number };
  /** How the watch is watched: spans, a heartbeat to a receiver outside, a second watch to compare with. */
  readonly observe?: {
    readonly traces?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
    /** Default every 60 s. With secrets it is signed like a webhook. */
    readonly heartbeat?: {
      readonly url: string;
      readonly secrets?: readonly string[];
      readonly everySeconds?: number;
    };
    /** Default: 60 s of grace, asked every 10 s. */
    readonly peer?: { readonly url: string; readonly graceSeconds?: number; readonly everySeconds?: number };
  };
  /**
   * Acts before the block; without it, and without `--pending`, only blocks are judged. Each part is on unless it is
   * switched off. Taken over at the next start.
   */
  readonly preblock?: {
    /** Follow the pools of the nodes. */
    readonly pool?: boolean;
    /** Call new contracts near the protected set on a fork. */
    readonly probe?: boolean;
    /** Take transactions by `POST /pending`. */
    readonly endpoint?: boolean;
    /**
     * Public keys of age, one a guardian: a call that a probe finds to do harm is kept encrypted for all of them. Default
     * nobody: then its hash alone is kept.
     */
    readonly recipients?: readonly string[];
    /** Where the token of a relay or sequencer is: it lets signed bytes in by `POST /pending`, and nothing else. */
    readonly relayToken?: SecretRef;
    /** Rules of the chain by name, for this alone; default what `hardfork` says, or mainnet's at that time. */
    readonly hardfork?: string;
  };
  /**
   * Execute live blocks again here of which no node gives call trees, on the state that a node gives word by word: some
   * thousands of questions for a full block. Default: where all nodes are on this machine. The rules of another chain than mainnet
   * have to be named in `hardfork`, where the node does not tell them.
   */
  readonly reexecute?: boolean;
  /** Rules of the chain by name, such as "prague", for what is executed here. Default: what a node tells, or mainnet's. */
  readonly hardfork?: string;
  /**
   * People with tokens of their own, each 32 characters or more. Whoever acknowledges, settles or reviews a finding, or brings a guardian's
   * signature, with one of them does so under that name and no other. Where there are any, the server's own token no longer
   * settles or reviews: that it takes two to accept a false alarm is proved by two tokens. Default nobody. Taken over at the next start.
   */
  readonly people?: readonly PersonSettings[];
  /** The file that `testudo calibrate` wrote. Without it detectors run on fixed thresholds. */
  readonly calibration?: string;
  /** Also run the detectors with the settings that the file proposes. Read its report first. Default false. */
  readonly applyCalibration?: boolean;
  /** How findings of several stages count together; default with a calibration, and none without. */
  readonly composite?: false | Partial<CompositeRule>;
  /** The first block to look at; default: the head at the first start. */
  readonly fromBlock?: number | bigint;
  /** Also deliver findings of history; default false. */
  readonly deliverHistory?: boolean;
}

/** Somebody who may speak for himself, and where his token is. */
export interface PersonSettings {
  readonly name: string;
  readonly token: SecretRef;
}

/** What is done before the block. */
export interface PreblockConfig {
  readonly pool: boolean;
  readonly probe: boolean;
  readonly endpoint: boolean;
  readonly recipients: readonly string[];
  readonly hardfork?: string | undefined;
  readonly relayToken?: SecretRef | undefined;
}

/** How the policy's relay is reached. */
export interface RelaySettings {
  readonly url: string;
  readonly method: RelayMethod;
  readonly header?: { readonly name: string; readonly value: SecretRef } | undefined;
}

/** Where the deployment's file lies, and its plan where that is not beside it. */
export interface DeploymentSettings {
  readonly file: string;
  readonly plan?: string;
  readonly everyMinutes: number;
}

/** A file that the settings were read from, with the text that was read. */
export interface SettingsSource {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** A configuration after checking: every default filled in, addresses lower case, paths absolute. */
export interface Settings {
  readonly file: string;
  readonly rpc: readonly string[];
  readonly heads: readonly string[];
  readonly quorum: number;
  readonly chainId: number | undefined;
  readonly remotes: readonly RemoteConfig[];
  readonly protect: readonly { readonly name: string; readonly address: Address }[];
  /** Undefined: the zero-configuration set. */
  readonly detectors: readonly DetectorUse[] | undefined;
  /** What the rules files say, in their order. */
  readonly ruleDetectors: readonly DetectorUse[];
  /** The configuration first, then the rules files. */
  readonly sources: readonly SettingsSource[];
  readonly playbooks: readonly Playbook[];
  readonly policy: Policy | null;
  /** Of `policy.relay`, which holds no secret, the part that may. */
  readonly relay: RelaySettings | undefined;
  readonly channels: readonly ChannelSettings[];
  readonly escalations: readonly EscalationSettings[];
  readonly api: { readonly port: number; readonly host: string };
  readonly dataDir: string;
  readonly pollMs: number;
  readonly detectorLimitMs: number;
  readonly sender: { readonly keystore: string; readonly passwordFile: string } | undefined;
  readonly deployment: DeploymentSettings | undefined;
  readonly observe: Observability | undefined;
  readonly preblock: PreblockConfig | undefined;
  readonly people: readonly PersonSettings[];
  /** Undefined: where all nodes are on this machine. */
  readonly reexecute: boolean | undefined;
  readonly hardfork: string | undefined;
  readonly calibration: Calibration | undefined;
  readonly applyCalibration: boolean;
  readonly composite: CompositeRule | undefined;
  readonly fromBlock: bigint | undefined;
  readonly deliverHistory: boolean;
}
