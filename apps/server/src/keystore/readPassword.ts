import { existsSync, readFileSync } from "node:fs";
import type { ReadStream } from "node:tty";
import { UsageError } from "../config/UsageError.ts";
import { assertPrivate } from "./assertPrivate.ts";

/** Where a password comes from. There is no option for the password itself: arguments can be read by others. */
export interface PasswordSource {
  readonly passwordFile?: string | undefined;
  /** What to ask, without colon. */
  readonly question: string;
  /** Ask twice, for a new password. */
  readonly twice?: boolean;
  readonly input?: ReadStream | NodeJS.ReadStream;
  readonly output?: NodeJS.WritableStream;
}

/**
 * The password in `passwordFile` (its first line), or what a person types at the terminal, without echo. Throws
 * PasswordMissing when there is neither, FileExposed when others may read the file.
 */
export async function readPassword(source: PasswordSource): Promise<string> {
  const { passwordFile, question, input = process.stdin } = source;
  if (passwordFile !== undefined) return fromFile(passwordFile);
  if (!input.isTTY) throw new PasswordMissing("standard input is no terminal and --password-file is not given");
  const output = source.output ?? process.stderr;
  const password = await ask(input, output, question);
  if (source.twice && (await ask(input, output, `${question}, again`)) !== password)
    throw new PasswordMissing("the two passwords differ");
  return password;
}

// Without the path: somebody may have typed the password itself.
function fromFile(path: string): string {
  if (!existsSync(path)) throw new PasswordMissing("the file of --password-file is not there");
  assertPrivate(path);
  const [line = ""] = readFileSync(path, "utf8").split(/\r?\n/, 1);
  if (line === "") throw new PasswordMissing(`the first line of "${path}" is empty`);
  return line;
}

function ask(input: NodeJS.ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  // Silent before the question shows: the terminal itself would echo what is typed in between.
  input.setRawMode(true);
  output.write(`${question}: `);
  input.setEncoding("utf8");
  input.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = (end: () => void) => {
      input.off("data", onData);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
      end();
    };
    const onData = (chunk: string) => {
      for (const key of chunk) {
        if (key === "\r" || key === "\n") return finish(() => resolve(typed));
        // In raw mode the terminal no longer turns control-C into a signal.
        if (key === "\u0003" || key === "\u0004")
          return finish(() => reject(new PasswordMissing("the prompt was left")));
        typed = key === "\u007f" || key === "\b" ? [...typed].slice(0, -1).join("") : typed + key;
      }
    };
    input.on("data", onData);
  });
}

/** There is no password to work with. */
export class PasswordMissing extends UsageError {
  override readonly name = "PasswordMissing";
  constructor(why: string) {
    super(
      `No password: ${why}.`,
      "Allowed: typed at a terminal, or the first line of a file of mode 0600.",
      "Run it in a terminal, or give --password-file FILE.",
    );
  }
}
