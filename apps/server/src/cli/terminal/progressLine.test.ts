import { expect, test } from "vitest";
import { progressLine } from "./progressLine.ts";

const written = (isTTY: boolean, use: (line: ReturnType<typeof progressLine>) => void): string => {
  let text = "";
  const write = (more: string) => {
    text += more;
    return true;
  };
  use(progressLine({ isTTY, columns: 80, write } as unknown as NodeJS.WriteStream));
  return text;
};
const nasty = "\u001b[2J\u009b31m\u202eevil\nerror: all is lost";

test("DELIV-04: a file's name or a node's words in the line of progress stay in it", () => {
  const show = written(false, ({ show }) => show({ done: 1, total: 2, what: nasty }));
  expect(show).toBe("50 %  ·[2J·31m·evil·error: all is lost\n");
  const onTerminal = written(true, ({ show }) => show({ done: 1, total: 2, what: nasty }));
  expect(onTerminal).toBe("\r\u001b[K50 %  ·[2J·31m·evil·error: all is lost");
});

test("DELIV-04: a note keeps its lines, and none of them steers the terminal", () => {
  const note = written(false, ({ note }) => note(`error: ${nasty}\n- Allowed: a file.`));
  expect(note).toBe("error: ·[2J·31m·evil\nerror: all is lost\n- Allowed: a file.\n");
});
