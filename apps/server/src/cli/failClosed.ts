/**
 * What `work` comes to. Where the process ends before that as if all were well, because code that it runs has called
 * `process.exit` or waits for nothing, it ends with 1 and `complaint` instead: silence would read as success.
 */
export async function failClosed<T>(complaint: string, work: () => Promise<T>): Promise<T> {
  const onExit = (code: number) => {
    // 13: Node's own for what waits and can never go on, which it ends without a word of whose it is.
    if (code !== 0 && code !== 13) return;
    process.stderr.write(`error: ${complaint}\n`);
    process.exitCode = 1;
  };
  process.on("exit", onExit);
  try {
    return await work();
  } finally {
    process.off("exit", onExit);
  }
}
