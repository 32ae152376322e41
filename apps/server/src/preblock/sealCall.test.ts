import { armor, Decrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { type ExploitCall, openSeal } from "./sealCall.ts";

const call: ExploitCall = {
  chainId: 1,
  from: `0x${"11".repeat(20)}`,
  to: `0x${"22".repeat(20)}`,
  input: `0xdeadbeef${"33".repeat(32)}`,
  value: 10n ** 18n,
  onBlock: { number: 7n, hash: `0x${"44".repeat(32)}`, parentHash: `0x${"55".repeat(32)}`, timestamp: 9n },
};

async function open(sealed: string, identity: string): Promise<unknown> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return JSON.parse(await decrypter.decrypt(armor.decode(sealed), "text"));
}

test("PRE-06: each of several guardians opens a call with his own key, of either kind, and nobody else does", async () => {
  const guardians = [await generateIdentity(), await generateHybridIdentity()];
  const seal = openSeal(await Promise.all(guardians.map(identityToRecipient)))!;
  const sealed = await seal(call);
  expect(sealed).not.toContain("deadbeef");
  for (const guardian of guardians)
    expect(await open(sealed, guardian)).toEqual({
      chainId: 1,
      from: call.from,
      to: call.to,
      input: call.input,
      value: "1000000000000000000",
      onBlock: { number: "7", hash: call.onBlock.hash },
    });
  await expect(open(sealed, await generateIdentity())).rejects.toThrow();
  expect(await seal(call)).not.toBe(sealed);
});

test("PRE-06: calls that have to be made first are sealed with the one that does harm, and the time that passes between them", async () => {
  const identity = await generateIdentity();
  const seal = openSeal([await identityToRecipient(identity)])!;
  const { from, to, input, value } = call;
  const sealed = await seal({ ...call, seconds: 12, before: [{ from: to, to: from, input: "0x01", value: 0n }] });
  expect(await open(sealed, identity)).toMatchObject({
    ...{ from, to, input, value: `${value}`, seconds: 12 },
    before: [{ from: to, to: from, input: "0x01", value: "0" }],
  });
});

test("behavior: without recipients nothing is sealed", () => {
  expect(openSeal([])).toBeUndefined();
});
