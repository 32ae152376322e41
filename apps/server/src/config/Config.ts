import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Severity } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Playbook } from "@testudo/core/model/Playbook";
import type { Canary, Policy } from "@testudo/core/model/Policy";

/** A contract to protect. A bare address gets the name "protected-1" and so on. */
export type ProtectConfig = Hex | { readonly name: string; readonly address: Hex };

/** A pause that software may ask for. `exempt` names what must stay open under every pause: closing, repaying, adding margin. */
export interface PermissionConfig {
  readonly target: Hex;
  readonly name: string;
  readonly selectors: readonly Hex[];
  readonly exempt?: readonly Hex[];
  /** 1 s to 72 h. */
  readonly maxDurationSeconds: number;
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
  /** Default "critical". */
  readonly minSeverity?: Severity;
  /** Default 24 h. */
  readonly coolOffSeconds?: number;
  /** How long guardians have to sign; default 1 h. */
  readonly deadlineSeconds?: number;
  readonly canaries?: readonly Canary[];
}

/** Where alerts go. */
export type ChannelConfig =
  | {
      readonly type: "webhook";
      /** Names the channel in the outbox; default "webhook-1" and so on. A renamed channel is a new one. */
      readonly name?: string;
      readonly url: string;
      /** One or two signing secrets; the first signs, the second is for rotation. */
      readonly secrets: readonly string[];
      /** Default "info". */
      readonly minSeverity?: Severity;
      /** How the body is written; default "standard". */
      readonly format?: "standard" | "cloudevents";
    }
  | { readonly type: "terminal"; readonly name?: string; readonly minSeverity?: Severity };

/** What `testudo.config.ts` says. Unknown keys are errors; relative paths start at the file's folder. */
export interface Config {
  /** One to eight nodes, each http or https. */
  readonly rpc: readonly string[];
  /** How many nodes must name the same hash for a block; default 2, or 1 with a single node. */
  readonly quorum?: number;
  /** Refuse to start on another chain. */
  readonly chainId?: number;
  readonly protect: readonly ProtectConfig[];
  /** Default: the set that needs no configuration. */
  readonly detectors?: readonly DetectorUse[];
  /** Files of rules in YAML or JSON; their detectors run beside the others. */
  readonly rules?: string | readonly string[];
  readonly playbooks?: readonly Playbook[];
  readonly policy?: PolicyConfig;
  /** Default: the terminal. */
  readonly channels?: readonly ChannelConfig[];
  /** Default: 127.0.0.1:4600. Only loopback addresses are allowed. */
  readonly api?: { readonly port?: number; readonly host?: string };
  /** Default ".testudo". */
  readonly dataDir?: string;
  /** How often nodes are asked for their head, in ms; default 500. */
  readonly pollMs?: number;
  /** How long a detector may take for a block, in ms; default 250. */
  readonly detectorLimitMs?: number;
  /** The account that pays for sending an approved pause. Without it proposals wait for someone else to send them. */
  readonly sender?: { readonly keystore: string; readonly passwordFile: string };
  /**
   * The deployment that this watch relies on: compared with the chain at the start and then every so many minutes
   * (default 10). A drift is an alert.
   */
  readonly deployment?: { readonly file: string; readonly plan?: string; readonly everyMinutes?: number };
  /** The first block to look at; default: the head at the first start. */
  readonly fromBlock?: number | bigint;
  /** Also deliver findings of history; default false. */
  readonly deliverHistory?: boolean;
}

/** A channel with all its defaults. */
export type ChannelSettings =
  | {
      readonly type: "webhook";
      readonly name: string;
      readonly url: string;
      readonly secrets: readonly string[];
      readonly minSeverity: Severity;
      readonly format?: "standard" | "cloudevents" | undefined;
    }
  | { readonly type: "terminal"; readonly name: string; readonly minSeverity: Severity };

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
  readonly quorum: number;
  readonly chainId: number | undefined;
  readonly protect: readonly { readonly name: string; readonly address: Address }[];
  /** Undefined: the zero-configuration set. */
  readonly detectors: readonly DetectorUse[] | undefined;
  /** What the rules files say, in their order. */
  readonly ruleDetectors: readonly DetectorUse[];
  /** The configuration first, then the rules files. */
  readonly sources: readonly SettingsSource[];
  readonly playbooks: readonly Playbook[];
  readonly policy: Policy | null;
  readonly channels: readonly ChannelSettings[];
  readonly api: { readonly port: number; readonly host: string };
  readonly dataDir: string;
  readonly pollMs: number;
  readonly detectorLimitMs: number;
  readonly sender: { readonly keystore: string; readonly passwordFile: string } | undefined;
  readonly deployment: DeploymentSettings | undefined;
  readonly fromBlock: bigint | undefined;
  readonly deliverHistory: boolean;
}
