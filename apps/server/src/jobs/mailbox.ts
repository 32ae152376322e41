import type { Input } from "@testudo/core/model/Input";

/** One queue before the pipeline. What people and our own jobs say goes before the next block. */
export interface Mailbox {
  /** For people and jobs. Never waits. */
  push(input: Input): void;
  /** For the stream: resolves when the loop has taken the input, so that a slow loop slows the stream down. */
  offer(input: Input): Promise<void>;
  /** The next input; waits for one. Undefined once the mailbox is closed and empty. */
  take(): Promise<Input | undefined>;
  close(): void;
}

export function openMailbox(): Mailbox {
  const pushed: Input[] = [];
  const offered: { readonly input: Input; readonly taken: () => void }[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  const ring = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(input) {
      pushed.push(input);
      ring();
    },
    offer(input) {
      if (closed) return Promise.resolve();
      return new Promise((taken) => {
        offered.push({ input, taken });
        ring();
      });
    },
    async take() {
      for (;;) {
        const mine = pushed.shift();
        if (mine !== undefined) return mine;
        const next = closed ? undefined : offered.shift();
        if (next !== undefined) {
          next.taken();
          return next.input;
        }
        if (closed) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close() {
      closed = true;
      for (const { taken } of offered.splice(0)) taken();
      ring();
    },
  };
}
