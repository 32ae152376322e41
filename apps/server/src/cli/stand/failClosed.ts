import { CodeEnds, CodeWaits } from "../../config/containCode.ts";

/**
 * What `work` comes to. Where the process ends before that as if all were well, because code that it runs has called
 * `process.exit` or waits for nothing, it ends with 1 and `complaint` instead: silence would read as success.
 * Throws EndedEarly with `complaint` where such code was caught while its file was loaded.
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
  } catch (error) {
    throw isEnd(error) ? new EndedEarly(complaint, error) : error;
  } finally {
    process.off("exit", onExit);
  }
}

function isEnd(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof CodeEnds || cause instanceof CodeWaits;
}

/** The code would have ended the program, or waits without end. */
export class EndedEarly extends Error {
  override readonly name = "EndedEarly";
  constructor(complaint: string, cause: unknown) {
    super(complaint, { cause });
  }
}
