import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { EvidenceRecord } from "@testudo/core/model/Output";
import type { Generated } from "kysely";

// Bodies are the JSON of core's `toPlainJson`; times are Unix milliseconds; `sum` is the SHA-256 of the row's fixed part.

export type OutboxState = "pending" | "sent" | "skipped" | "dead";

/**
 * `stored`: bytes are safe, maybe not sent. `sent`: handed to a node or a relay. `included`: seen in a block. `failed`: seen in a block,
 * reverted. `lost`: its nonce was used by other bytes, or its action is over. `freed`: given to nobody, while others have put its action in
 * force; for one that is sent again bytes are signed anew.
 */
export type TransactionState = "stored" | "sent" | "included" | "failed" | "lost" | "freed";

/** The tables of the store as Kysely sees them. */
export interface Tables {
  meta: { key: string; value: string };
  evidence: { sequence: number; id: string; previous: string; body: string };
  /** `about`: the id of the finding, incident or action that the record belongs to. `seq` is shared with notices. */
  records: {
    seq: number;
    id: string;
    kind: EvidenceRecord["kind"];
    about: string | null;
    /** Incident state or action state, for the fold. */
    state: ActionState | string | null;
    body: string;
    evidence_seq: number;
  };
  notices: { seq: number; id: string; thread: string; body: string; evidence_seq: number; sum: string };
  /** `key` is the JSON string of the cell's key: PostgreSQL text holds neither NUL nor lone surrogates. */
  cells: { key: string; value: string; sum: string };
  undo: { position: number; body: string; sum: string };
  cursor: { one: number; body: string; sum: string };
  commands: { action: string; kind: string; body: string; sum: string; created_at: number };
  outbox: {
    id: Generated<number>;
    notice_id: string;
    channel: string;
    thread: string;
    state: OutboxState;
    attempts: number;
    next_at: number;
    last_error: string | null;
    created_at: number;
    sent_at: number | null;
    /** When the newest attempt began; set before anything leaves, so that after a crash a channel looks before it sends. */
    begun_at: Generated<number | null>;
    /** When it was given up. */
    dead_at: Generated<number | null>;
    /** What the service said. */
    receipt: Generated<string | null>;
    /** The id of the digest that it went into. */
    digest: Generated<string | null>;
    /** Critical, or a test: is never folded and goes first. A column, since a body may hold what PostgreSQL's JSON refuses. */
    urgent: Generated<boolean>;
    sum: string;
  };
  /** Threads that a channel was told of. `root`: what the service calls it. `folded`: it began in a digest. */
  threads: { channel: string; thread: string; root: string | null; folded: boolean; told_at: number };
  /** Test messages that went through (SELF-03). */
  receipts: { channel: string; notice_id: string; at: number; receipt: string };
  /** What is to be done at `due_at`: see `timers.ts`. */
  timers: { kind: string; key: string; due_at: number; body: string };
  transactions: {
    id: Generated<number>;
    action: string;
    chain_id: number;
    sender: string;
    nonce: number;
    hash: string;
    raw: string;
    state: TransactionState;
    stored_at: number;
    /** The newest block when these bytes were first offered to the private relay. */
    relay_block: Generated<number | null>;
    /** The newest block when they first went to the public nodes, where a relay had them before. */
    public_block: Generated<number | null>;
    sum: string;
  };
  /** The next free nonce per sender; its row lock is the lease. */
  nonces: { chain_id: number; sender: string; next: number };
  /** Row count and sum of row sums (mod 2^256) per table, so that a missing row is found. */
  sums: { name: string; rows: number; total: string };
}
