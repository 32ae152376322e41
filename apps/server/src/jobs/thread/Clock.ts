/** How long an order may take, in milliseconds: work of the thread, and waiting for what it asked. */
export interface Patience {
  readonly workMs: number;
  /** When it is used up, what is asked is refused at once. */
  readonly waitMs: number;
}

/** An answer, or why there is none; plain, so that it goes to another thread. */
export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string; readonly name: string };

/** Runs from its start to `stop`, and counts as waiting while anything is waited for, as work otherwise. */
export interface Clock {
  /** What `answer` gives, or why it gives nothing; never rejects. */
  waiting(answer: Promise<unknown>): Promise<Reply>;
  stop(): void;
}

/** Starts it; `onOver` is told once when the work has taken longer than it may. */
export function startClock({ workMs, waitMs }: Patience, onOver: () => void): Clock {
  let [workedMs, waitedMs, since] = [0, 0, performance.now()];
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const open = new Set<() => void>();

  function count(): void {
    const now = performance.now();
    if (open.size > 0) waitedMs += now - since;
    else workedMs += now - since;
    since = now;
  }

  function set(): void {
    clearTimeout(timer);
    if (isStopped) return;
    const left = Math.max(0, open.size > 0 ? waitMs - waitedMs : workMs - workedMs);
    // Nothing waits for it by itself: who gave the order does.
    if (left < 2 ** 31) timer = setTimeout(ring, left, performance.now() + left);
  }

  // What has come from the thread meanwhile is heard first, and where this one was held up, the other is not to blame.
  function ring(dueMs: number): void {
    if (open.size === 0) workedMs -= performance.now() - dueMs;
    setImmediate(() => {
      if (isStopped) return;
      count();
      if (open.size > 0 && waitedMs >= waitMs) for (const refuse of [...open]) refuse();
      if (open.size > 0 || workedMs < workMs) return set();
      isStopped = true;
      onOver();
    });
  }

  set();
  return {
    waiting(answer) {
      if (isStopped || waitedMs >= waitMs) {
        answer.catch(() => undefined);
        return Promise.resolve(tooLate(waitMs));
      }
      return new Promise((resolve) => {
        const finish = (reply: Reply) => {
          if (!open.has(refuse)) return;
          count();
          open.delete(refuse);
          set();
          resolve(reply);
        };
        const refuse = () => finish(tooLate(waitMs));
        count();
        open.add(refuse);
        set();
        answer.then(
          (value) => finish({ ok: true, value }),
          (error: unknown) => finish(refusalOf(error)),
        );
      });
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      for (const refuse of [...open]) refuse();
    },
  };
}

function tooLate(waitMs: number): Reply {
  return { ok: false, why: `its answers took longer than ${waitMs} ms.`, name: "TimeUp" };
}

/** What another thread is told of `error`. */
export function refusalOf(error: unknown): Extract<Reply, { readonly ok: false }> {
  if (!(error instanceof Error)) return { ok: false, why: String(error), name: "Error" };
  return { ok: false, why: error.message, name: error.name };
}
