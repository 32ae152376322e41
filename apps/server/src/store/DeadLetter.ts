import { redactUrlsIn } from "@testudo/chain/rpc/redactUrl";
import type { OutboxRow } from "./outbox.ts";

/** A notice that a channel was not told of, as it is shown: title and error may quote anybody. */
export interface DeadLetter {
  readonly id: number;
  readonly channel: string;
  readonly notice: string;
  readonly title: string;
  /** What it died of, without what URLs keep secret. */
  readonly error: string | null;
  /** When, in Unix milliseconds; null where the version that gave it up did not note it. */
  readonly diedAt: number | null;
}

/** What is shown of a row that was given up. */
export function deadLetterOf({ id, channel, notice, lastError, diedAt }: OutboxRow): DeadLetter {
  const error = lastError === null ? null : redactUrlsIn(lastError);
  return { id, channel, notice: notice.id, title: notice.title, error, diedAt };
}
