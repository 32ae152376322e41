import { spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { chainOf } from "./chain.testkit.ts";
import { loadState } from "./loadState.ts";
import { FolderLockedError } from "./lockFolder.ts";
import { openStore } from "./openStore.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { storeSuite } from "./storeSuite.testkit.ts";
import { verifyStore } from "./verifyStore.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

storeSuite("PGlite on disk", fixture.empty);

describe("openStore", () => {
  test("behavior: the folder is the owner's alone and what was committed is there after reopening", async () => {
    const folder = fixture.folder();
    const first = await openStore(folder);
    await applyCommits(first, [chainOf().block(1, 3)], [], ["terminal"]);
    const before = await loadState(first);
    await first.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const second = await openStore(folder);
    expect(await loadState(second)).toEqual(before);
    await second.close();
  });

  test("error: a second opener learns who holds the folder", async () => {
    const folder = fixture.folder();
    const store = await openStore(folder);
    const refused = openStore(folder);
    await expect(refused).rejects.toThrow(FolderLockedError);
    await expect(refused).rejects.toThrow(`in use by process ${process.pid}`);
    await store.close();
    await (await openStore(folder)).close();
  });

  test("error: a file in the place of the folder, or above it, is said, and stays as it is", async () => {
    const file = join(fixture.folder(), "..", `taken-${process.pid}`);
    writeFileSync(file, "mine");
    await expect(openStore(file)).rejects.toThrow(`Data folder "${file}" is no folder.`);
    await expect(openStore(join(file, "a", "b"))).rejects.toThrow(`lies below "${file}", which is no folder.`);
    expect(readFileSync(file, "utf8")).toBe("mine");
    rmSync(file);
  });

  test("error: another live process holds the folder, and a dead one's lock is taken over", async () => {
    const folder = fixture.folder();
    await (await openStore(folder)).close();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(join(folder, "lock"), JSON.stringify({ pid: other.pid, startedAt: "", session: "other" }));
    await expect(openStore(folder)).rejects.toThrow(`in use by process ${other.pid}`);
    other.kill("SIGKILL");
    await new Promise((resolve) => other.once("close", resolve));
    const store = await openStore(folder);
    expect(JSON.parse(readFileSync(join(folder, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await store.close();
  });

  test.runIf(process.platform === "linux")(
    "behavior: a lock whose process id was given to another process is taken over",
    async () => {
      const folder = fixture.folder();
      await (await openStore(folder)).close();
      writeFileSync(
        join(folder, "lock"),
        JSON.stringify({ pid: process.ppid, startedAt: "earlier boot/1", session: "x" }),
      );
      await (await openStore(folder)).close();
    },
  );

  test("behavior: a store goes on after tidying", async () => {
    const store = await fixture.open();
    const chain = chainOf();
    await applyCommits(store, [chain.block(1, 1)], [], []);
    await store.tidy();
    await applyCommits(store, [chain.block(2, 1)], [], []);
    expect((await verifyStore(store)).links).toBe(2);
    await store.close();
  });
});
