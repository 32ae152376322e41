/** What was told of work that was done apart. */
export type Told<R> =
  | { readonly kind: "done"; readonly result: R }
  /** It threw; `name` is the error's. */
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

/** Does `work` on the arguments of this process, which `runApart` started, and tells it what came of it. */
export async function tellApart<R>(work: (...args: readonly string[]) => Promise<R>): Promise<void> {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("This runs as a process of runApart only.");
  // Whoever waits for the answer has gone.
  process.once("disconnect", () => process.exit(1));
  // That listener shall not keep a process that has nothing left to do.
  process.channel?.unref();
  // The file's own code is not to answer for us.
  delete process.send;
  const told: Told<R> = await work(...process.argv.slice(2)).then(
    (result) => ({ kind: "done", result }) as const,
    (error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { kind: "failed", name, message } as const;
    },
  );
  send(told);
}
