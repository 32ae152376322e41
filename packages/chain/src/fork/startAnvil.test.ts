import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { BinaryMissing, binaryOf } from "./binaryOf.ts";
import { AnvilNotStarted, PortTaken, startAnvil } from "./startAnvil.ts";

describe("startAnvil", () => {
  test("starts with the options asked for, and stops for good", async () => {
    const anvil = await startAnvil({ chainId: 777, timestamp: 1_700_000_000, accounts: 2, noMining: true });
    const node = openEndpoint(anvil.url);
    expect(await node.request("eth_chainId")).toBe("0x309");
    expect(await node.request("eth_accounts")).toHaveLength(2);
    expect(await node.request("eth_getBlockByNumber", ["0x0", false])).toMatchObject({ timestamp: "0x6553f100" });
    await anvil.stop();
    expect(anvil.isAlive()).toBe(false);
    expect(isRunning(anvil.pid)).toBe(false);
    await anvil.stop();
    node.close();
  });

  test("error: port taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await expect(startAnvil({ port })).rejects.toThrow(PortTaken);
    await expect(startAnvil({ port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`);
    await new Promise((resolve) => server.close(resolve));
  });

  test("error: an option that anvil refuses is told in anvil's words", async () => {
    const error = await startAnvil({ args: ["--no-such-option"] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AnvilNotStarted);
    expect((error as Error).message).toContain("--no-such-option");
  });

  test("error: a fork whose origin is dead", async () => {
    await expect(startAnvil({ forkUrl: "http://127.0.0.1:1" })).rejects.toThrow(/Connection refused|tcp connect/);
  });

  test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)("%s to the parent leaves no node behind", async (signal) => {
    const built = fileURLToPath(new URL("../../dist/fork/startAnvil.js", import.meta.url));
    expect(existsSync(built), "packages/chain is built: npx tsc -b packages/chain").toBe(true);
    const code = `const { startAnvil } = await import(${JSON.stringify(built)});
      console.log((await startAnvil()).pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
    expect(isRunning(pid)).toBe(true);
    const ended = new Promise((resolve) => parent.once("exit", (_, by) => resolve(by)));
    parent.kill(signal);
    expect(await ended).toBe(signal);
    for (let i = 0; i < 100 && isRunning(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isRunning(pid)).toBe(false);
  });
});

test("error: a tool without a package for this machine names the package", () => {
  expect(() => binaryOf("chisel")).toThrow(BinaryMissing);
  expect(() => binaryOf("chisel")).toThrow(/@foundry-rs\/chisel-/);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
