import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { armor, Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, expect, test } from "vitest";
import { keepFinding } from "./keepFinding.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-finding-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const capsule = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7) % 256);

test("LAB-32: with recipients a finding's file is encrypted at rest, and nothing of it lies beside", async () => {
  const identity = await generateIdentity();
  const kept = await keepFinding(folder, "a.capsule", capsule, [await identityToRecipient(identity)]);
  expect(kept).toEqual({ file: join(folder, "findings", "a.capsule.age"), isSealed: true });
  const text = readFileSync(kept.file, "utf8");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  expect(Buffer.from(await decrypter.decrypt(armor.decode(text))).equals(capsule)).toBe(true);
  expect(() => statSync(join(folder, "findings", "a.capsule"))).toThrow();
});

test("LAB-32: without recipients the file is its owner's alone, and whoever asked is told that it is not encrypted", async () => {
  const kept = await keepFinding(folder, "b.capsule", capsule, []);
  expect(kept).toEqual({ file: join(folder, "findings", "b.capsule"), isSealed: false });
  expect(readFileSync(kept.file).equals(capsule)).toBe(true);
  expect(statSync(kept.file).mode & 0o777).toBe(0o600);
});

test("error: a name that leads out of the folder is refused", async () => {
  for (const name of ["../x", "a/b", "", ".hidden", "A"])
    await expect(keepFinding(folder, name, capsule, [])).rejects.toThrow("is no name");
});
