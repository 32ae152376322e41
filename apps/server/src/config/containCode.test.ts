import { afterEach, expect, test, vi } from "vitest";
import { containCode } from "./containCode.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("CHECK-04: what the program itself prints while a file is loaded stays on standard output", async () => {
  const said: string[] = [];
  const note = (to: string) => (text: unknown) => said.push(`${to}: ${text}`) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(note("out"));
  vi.spyOn(process.stderr, "write").mockImplementation(note("err"));
  let goOn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const loaded = containCode(async () => {
    process.stdout.write("file");
    await gate;
    process.stdout.write("file, later");
    return 7;
  });
  process.stdout.write("program");
  goOn();
  const value = await loaded;
  process.stdout.write("program, after it");
  vi.restoreAllMocks();
  expect(value).toBe(7);
  expect(said).toEqual(["err: file", "out: program", "err: file, later", "out: program, after it"]);
});

test("CHECK-04: an end is told over what the code throws, and of two files only of the one that has it", async () => {
  const ends = containCode(async () => {
    try {
      process.exit(0);
    } catch {
      throw new Error("something else");
    }
  });
  const sound = containCode(async () => {
    await ends.catch(() => undefined);
    return "sound";
  });
  await expect(ends).rejects.toThrow("`process.exit(0)` would end the program that reads the file.");
  expect(await sound).toBe("sound");
});
