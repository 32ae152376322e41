import { Command } from "commander";
import { expect, test } from "vitest";
import { commands, commandsFor } from "./commands.ts";

test("each module adds the commands that stand beside it", async () => {
  for (const { names, load } of commands) {
    const program = new Command();
    const register = await load();
    register(program);
    expect(program.commands.map((command) => command.name())).toEqual(names);
  }
});

test("behavior: help says of every command what it does", async () => {
  const program = new Command();
  for (const { load } of commands) (await load())(program);
  const silent = (all: readonly Command[], path: string): readonly string[] =>
    all.flatMap((command) => {
      const name = `${path} ${command.name()}`;
      return [...(command.description() === "" ? [name] : []), ...silent(command.commands, name)];
    });
  expect(silent(program.commands, "testudo")).toEqual([]);
});

test("one command is loaded where one is named, all where none is or the name is wrong", () => {
  const namesFor = (...args: readonly string[]) => commandsFor(args).flatMap(({ names }) => names);
  const all = commands.flatMap(({ names }) => names);
  expect(namesFor("detect", "--trace", "check")).toEqual(["detect"]);
  expect(namesFor("--data", "watch", "arm", "--reason", "x")).toEqual(["arm", "disarm", "kill"]);
  expect(namesFor("--data=watch", "status")).toEqual(["status"]);
  expect(namesFor("help", "init")).toEqual(["init"]);
  for (const args of [[], ["--help"], ["--data", "check", "--help"], ["deteckt"], ["help"]])
    expect(namesFor(...args)).toEqual(all);
});
