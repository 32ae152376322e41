import { armor, Decrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { isRecipient, sealFinding } from "./sealFinding.ts";

async function open(sealed: string, identity: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(sealed));
}

test("LAB-32: a finding's file is sealed byte by byte for each guardian, and opened by nobody else", async () => {
  const guardians = [await generateIdentity(), await generateHybridIdentity()];
  // All bytes there are, so that nothing on the way takes them for text.
  const capsule = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
  const sealed = await sealFinding(capsule, await Promise.all(guardians.map(identityToRecipient)));
  expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  for (const guardian of guardians) expect(Buffer.from(await open(sealed!, guardian)).equals(capsule)).toBe(true);
  await expect(open(sealed!, await generateIdentity())).rejects.toThrow();
});

test("behavior: without recipients nothing is sealed, and only public keys are recipients", async () => {
  expect(await sealFinding("text", [])).toBeUndefined();
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  expect([recipient, identity, recipient.slice(0, -1), "age1"].map(isRecipient)).toEqual([true, false, false, false]);
  await expect(sealFinding("text", ["age1"])).rejects.toThrow();
});
