// A typed file is code of its author that runs inside of this program. What it does to the process while it is loaded (ends it,
// waits for nothing, prints) is the file's and not a command's: an end without a word would read as success.
import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";

/** What an author's code did that no value can come of. */
interface Deeds {
  exit?: CodeEnds;
}

/** How long a file may take to load, in milliseconds. */
export const loadLimitMs = 30_000;

// Tells calls of the contained code from those of the program around it, which goes on meanwhile.
const contained = new AsyncLocalStorage<Deeds>();
let running = 0;
let release: () => void = () => undefined;

/**
 * What `work` comes to; it runs code of somebody else. What that code prints goes to standard error.
 * Throws CodeEnds where it calls `process.exit`, hidden or not, and CodeWaits where it does not come to its end.
 */
export async function containCode<T>(work: () => Promise<T>): Promise<T> {
  if (running === 0) release = takeHold();
  running += 1;
  const deeds: Deeds = {};
  const { stuck, settle } = whenStuck();
  const outcome = Promise.race([contained.run(deeds, work), stuck]).finally(() => {
    settle();
    running -= 1;
    if (running === 0) release();
  });
  // An end that was caught is one all the same: outside of here nothing would have come after it.
  const orEnds = (give: () => T): T => {
    if (deeds.exit !== undefined) throw deeds.exit;
    return give();
  };
  return outcome.then(
    (value) => orEnds(() => value),
    (error: unknown) =>
      orEnds(() => {
        throw error;
      }),
  );
}

function takeHold(): () => void {
  const { exit } = process;
  const { write } = process.stdout;
  process.exit = (code) => {
    const deeds = contained.getStore();
    if (deeds === undefined) return exit.call(process, code);
    deeds.exit ??= new CodeEnds(code);
    throw deeds.exit;
  };
  process.stdout.write = ((...args: Parameters<typeof write>) =>
    contained.getStore() === undefined
      ? write.apply(process.stdout, args)
      : process.stderr.write(...args)) as typeof write;
  syncBuiltinESMExports();
  return () => {
    process.exit = exit;
    process.stdout.write = write;
    syncBuiltinESMExports();
    contained.disable();
  };
}

/** Rejects when nothing is left that could go on, or the time is over. */
function whenStuck(): { readonly stuck: Promise<never>; readonly settle: () => void } {
  let reject: (error: unknown) => void = () => undefined;
  const stuck = new Promise<never>((_, no) => {
    reject = no;
  });
  const onIdle = () => reject(new CodeWaits());
  const timer = setTimeout(onIdle, loadLimitMs);
  // The end of all other work is to be seen.
  timer.unref();
  process.once("beforeExit", onIdle);
  const settle = () => {
    clearTimeout(timer);
    process.off("beforeExit", onIdle);
  };
  return { stuck, settle };
}

/** What a file that is code has to do, for an error. */
export const loadRule = "The file runs when it is loaded and has to reach its end.";

/** The code called `process.exit`. */
export class CodeEnds extends Error {
  override readonly name = "CodeEnds";
  constructor(code: unknown) {
    super(
      `\`process.exit(${typeof code === "number" ? code : ""})\` would end the program that reads the file.\n- ${loadRule}\n- Take the call out.`,
    );
  }
}

/** The code waits without end. */
export class CodeWaits extends Error {
  override readonly name = "CodeWaits";
  constructor() {
    super(`waits for what never comes.\n- ${loadRule}\n- Take the \`await\` out, or give it an end.`);
  }
}
