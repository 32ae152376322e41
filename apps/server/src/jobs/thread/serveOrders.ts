// The thread's side of `patientWorker`.
import { parentPort } from "node:worker_threads";
import { type Reply, refusalOf } from "./Clock.ts";

/** What a thread is sent. */
export type ThreadOrder<O> =
  | { readonly kind: "order"; readonly id: number; readonly order: O }
  | { readonly kind: "answer"; readonly id: number; readonly question: number; readonly reply: Reply };

/** What it says. */
export type ThreadWord<R> =
  | { readonly kind: "ready" }
  | { readonly kind: "aside"; readonly word: unknown }
  | { readonly kind: "asks"; readonly id: number; readonly question: number; readonly asked: unknown }
  | { readonly kind: "done"; readonly id: number; readonly result: R }
  | { readonly kind: "failed"; readonly id: number; readonly why: string; readonly name: string };

/** Says something by the way. */
export function sayAside(word: unknown): void {
  say({ kind: "aside", word });
}

/** Has the main thread answer `asked`. Throws Refused with what it says, or that the order's time of waiting is over. */
export type Ask = (asked: unknown) => Promise<unknown>;

/** Carries out orders, one after the other, and tells what comes of them. Called once, when all is loaded. */
export function serveOrders<O, R>(carryOut: (order: O, ask: Ask) => Promise<R>): void {
  const open = new Map<number, (reply: Reply) => void>();
  let last: Promise<void> = Promise.resolve();
  let nextQuestion = 0;

  const askFor =
    (id: number): Ask =>
    async (asked) => {
      const question = nextQuestion++;
      const reply = await new Promise<Reply>((resolve) => {
        open.set(question, resolve);
        say({ kind: "asks", id, question, asked });
      });
      if (!reply.ok) throw new Refused(reply.why, reply.name);
      return reply.value;
    };

  async function carry({ id, order }: Extract<ThreadOrder<O>, { readonly kind: "order" }>): Promise<void> {
    try {
      say({ kind: "done", id, result: await carryOut(order, askFor(id)) });
    } catch (error) {
      const { why, name } = refusalOf(error);
      say({ kind: "failed", id, why: why.split("\n")[0]!, name });
    }
    // Who is still asked for it answers nobody.
    for (const resolve of open.values()) resolve({ ok: false, why: "nobody waits for it any more.", name: "TimeUp" });
    open.clear();
  }

  parentPort!.on("message", (told: ThreadOrder<O>) => {
    if (told.kind === "order") last = last.then(() => carry(told));
    else {
      open.get(told.question)?.(told.reply);
      open.delete(told.question);
    }
  });
  say({ kind: "ready" });
}

function say(word: ThreadWord<unknown>): void {
  parentPort!.postMessage(word);
}

/** What was asked of the main thread is not to be had; the name is that of the error there. */
class Refused extends Error {
  override readonly name: string;
  constructor(why: string, name: string) {
    super(why);
    this.name = name;
  }
}
