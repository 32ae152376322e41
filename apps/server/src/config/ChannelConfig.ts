import type { Severity } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Hours } from "../deliver/Rules.ts";

/** Where a secret is: an environment variable, or the first line of a file that only its owner may read. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** What every channel can say. */
interface Common {
  /** Names the channel in the outbox; default its type and place, such as "slack-1". A renamed channel is a new one. */
  readonly name?: string;
  /** Default "info". */
  readonly minSeverity?: Severity;
  /** Only alerts about these protected addresses. */
  readonly subjects?: readonly Hex[];
  /** Only alerts of detectors with these owners. */
  readonly owners?: readonly string[];
  /** Only alerts that arise within these hours; what becomes of them is told at any hour. */
  readonly hours?: Hours;
  /** Messages a minute beyond which the rest is folded into one digest; 0 never. Default 10, for programs 0. */
  readonly foldAfter?: number;
}

/** Where alerts go. */
export type ChannelConfig = Common &
  (
    | {
        readonly type: "webhook";
        readonly url: string;
        /** One or two signing secrets; both sign, the second is for rotation. */
        readonly secrets: readonly (string | SecretRef)[];
        /** "cloudevents" for CloudEvents 1.0; "oz-monitor" for receivers of OpenZeppelin Monitor, then one secret, of any form. */
        readonly format?: "standard" | "cloudevents" | "oz-monitor";
      }
    | { readonly type: "terminal" }
    | {
        readonly type: "slack";
        readonly token: SecretRef;
        /** The room's id, such as "C012AB3CD". */
        readonly room: string;
        /** With it messages have a button, whose clicks Slack sends to POST /slack/interactions of our API. */
        readonly signingSecret?: SecretRef;
        readonly baseUrl?: string;
      }
    | { readonly type: "discord"; readonly webhookUrl: SecretRef; readonly forum?: boolean }
    | {
        readonly type: "telegram";
        readonly token: SecretRef;
        readonly chat: string | number;
        readonly topic?: number;
        readonly baseUrl?: string;
      }
    | { readonly type: "pagerduty"; readonly routingKey: SecretRef; readonly baseUrl?: string }
    | { readonly type: "opsgenie"; readonly apiKey: SecretRef; readonly baseUrl?: string }
    | {
        readonly type: "smtp";
        readonly host: string;
        readonly port?: number;
        readonly tls?: "starttls" | "implicit" | "none";
        readonly user?: string;
        readonly password?: SecretRef;
        readonly from: string;
        readonly to: readonly string[];
        /** Certificates to trust besides, as a PEM file. */
        readonly caFile?: string;
      }
    | {
        readonly type: "script";
        readonly command: readonly string[];
        /** Names of environment variables that it gets. */
        readonly env?: readonly string[];
        readonly timeoutSeconds?: number;
      }
    | {
        readonly type: "github";
        readonly token: SecretRef;
        /** "owner/name". */
        readonly repository: string;
        readonly label?: string;
        readonly baseUrl?: string;
      }
  );

/** Whom to tell when nobody has acknowledged an alert in time. */
export interface EscalationConfig {
  readonly afterMinutes: number;
  /** Default "critical". */
  readonly minSeverity?: Severity;
  readonly subjects?: readonly Hex[];
  readonly owners?: readonly string[];
  /** Names of channels. */
  readonly to: readonly string[];
}
