import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import * as Format from "ox/Keystore";
import { recoverTransactionAddress } from "viem";
import { parseTransaction, recoverTypedDataAddress } from "viem/utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decryptKey, encryptKey, keystoreSchema, standardCost } from "./Keystore.ts";
import { newKeystore } from "./newKeystore.ts";
import { keystoreAddress, openKeystore } from "./openKeystore.ts";
import { readPassword } from "./readPassword.ts";

// Tests are about the file, not about the time it takes to guess.
const cheap = { n: 2, r: 1, p: 1 };
const password = "correct horse";
let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-keystore-"));
  path = join(folder, "ann.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("behavior: a new keystore opens with its password and is for its owner only", async () => {
  const address = await newKeystore(path, password, cheap);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await openKeystore(path, password)).address).toBe(address);
  expect(keystoreAddress(path)).toBe(address);
});

test("behavior: the key stands nowhere in the file in clear", async () => {
  const privateKey = Buffer.alloc(32, 7);
  const keystore = await encryptKey(privateKey, password, {
    salt: Buffer.alloc(32),
    iv: Buffer.alloc(16),
    cost: cheap,
  });
  expect(JSON.stringify(keystore)).not.toContain(privateKey.toString("hex"));
  expect(await decryptKey(keystore, password)).toEqual(new Uint8Array(privateKey));
});

test("behavior: another program's reader finds the same key", async () => {
  const privateKey = Buffer.alloc(32, 7);
  const keystore = await encryptKey(privateKey, password, {
    salt: Buffer.alloc(32, 1),
    iv: Buffer.alloc(16, 2),
    cost: { n: 2, r: 8, p: 1 },
  });
  const other = keystore as Format.Keystore;
  expect(Format.decrypt(other, Format.toKey(other, { password }))).toBe(`0x${privateKey.toString("hex")}`);
});

// The scrypt vector of the Web3 Secret Storage definition: r = 1, p = 8, and its pbkdf2 sister.
const vectorKey = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const vectors = {
  scrypt: {
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
      ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
      kdf: "scrypt",
      kdfparams: {
        dklen: 32,
        n: 262144,
        r: 1,
        p: 8,
        salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
      },
      mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
    id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    version: 3,
  },
  pbkdf2: {
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
      ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
      kdf: "pbkdf2",
      kdfparams: {
        c: 262144,
        dklen: 32,
        prf: "hmac-sha256",
        salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
      },
      mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    version: 3,
  },
};
test.each(["scrypt", "pbkdf2"] as const)("behavior: opens the standard's own %s vector", async (kdf) => {
  const key = await decryptKey(keystoreSchema.parse(vectors[kdf]), "testpassword");
  expect(Buffer.from(key ?? []).toString("hex")).toBe(vectorKey);
});

test("behavior: the standard cost is geth's", () => {
  expect(standardCost).toEqual({ n: 262_144, r: 8, p: 1 });
});

test("error: wrong password", async () => {
  await newKeystore(path, password, cheap);
  await expect(openKeystore(path, "wrong horse")).rejects.toThrow(
    `The password does not open "${path}".\n- Either it is wrong, or the file was altered.`,
  );
});

test("error: an altered ciphertext is not taken for a key", async () => {
  await newKeystore(path, password, cheap);
  const body = JSON.parse(readFileSync(path, "utf8"));
  body.crypto.ciphertext = body.crypto.ciphertext.replace(/^./, (c: string) => (c === "0" ? "1" : "0"));
  writeFileSync(path, JSON.stringify(body));
  await expect(openKeystore(path, password)).rejects.toMatchObject({ name: "PasswordWrong" });
});

test("error: a label of another account", async () => {
  await newKeystore(path, password, cheap);
  const body = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...body, address: "11".repeat(20) }));
  await expect(openKeystore(path, password)).rejects.toThrow(`it is labelled 0x${"11".repeat(20)}`);
});

test("error: never overwrites", async () => {
  await newKeystore(path, password, cheap);
  const before = readFileSync(path, "utf8");
  await expect(newKeystore(path, password, cheap)).rejects.toMatchObject({ name: "KeystoreExists" });
  expect(readFileSync(path, "utf8")).toBe(before);
});

test("error: two makers at once, one file, one winner", async () => {
  const made = await Promise.allSettled([newKeystore(path, password, cheap), newKeystore(path, password, cheap)]);
  const won = made.filter((m) => m.status === "fulfilled");
  expect(won).toHaveLength(1);
  expect((await openKeystore(path, password)).address).toBe(won[0]?.value);
});

test("error: a short password", async () => {
  await expect(newKeystore(path, "1234567", cheap)).rejects.toThrow(
    "The password has 7 characters.\n- Allowed: 8 or more.",
  );
});

test.skipIf(process.platform === "win32").each([0o640, 0o604, 0o660])("error: mode %o lets others in", async (mode) => {
  await newKeystore(path, password, cheap);
  chmodSync(path, mode);
  await expect(openKeystore(path, password)).rejects.toThrow(`Run: chmod 600 "${path}"`);
});

test.each([
  ["no JSON", "{"],
  ["another version", '{"version":1}'],
  [
    "a cost that eats all memory",
    JSON.stringify({
      ...vectors.scrypt,
      crypto: { ...vectors.scrypt.crypto, kdfparams: { ...vectors.scrypt.crypto.kdfparams, n: 2 ** 30 } },
    }),
  ],
  [
    "a cost whose parts are allowed and eat all memory together",
    JSON.stringify({
      ...vectors.scrypt,
      crypto: { ...vectors.scrypt.crypto, kdfparams: { ...vectors.scrypt.crypto.kdfparams, n: 2 ** 20, r: 64 } },
    }),
  ],
])("error: %s", async (_, text) => {
  writeFileSync(path, text, { mode: 0o600 });
  await expect(openKeystore(path, password)).rejects.toMatchObject({ name: "KeystoreUnreadable" });
});

test("error: a password's file in the place of a keystore is not quoted", async () => {
  writeFileSync(path, "pw12345678\n", { mode: 0o600 });
  const failure = await openKeystore(path, password).catch((error: unknown) => error);
  expect(String(failure)).toContain("cannot be used: it is no JSON.");
  expect(`${failure} ${JSON.stringify((failure as Error).cause)}`).not.toContain("pw1");
});

test("error: no such keystore", async () => {
  await expect(openKeystore(path, password)).rejects.toThrow("it is not there");
});

test("behavior: signs typed data and transactions as its own address", async () => {
  await newKeystore(path, password, cheap);
  const signer = await openKeystore(path, password);
  const message = {
    domain: { name: "Test", version: "1", chainId: 31337, verifyingContract: `0x${"22".repeat(20)}` },
    types: { Ping: [{ name: "value", type: "uint256" }] },
    primaryType: "Ping",
    message: { value: 5n },
  } as const;
  const signature = await signer.signTypedData(message);
  expect((await recoverTypedDataAddress({ ...message, signature })).toLowerCase()).toBe(signer.address);
  const raw = await signer.signTransaction({
    chainId: 31337,
    nonce: 3,
    to: `0x${"22".repeat(20)}`,
    data: "0x01",
    value: 0n,
    gas: 21_000n,
    maxFeePerGas: 2n,
    maxPriorityFeePerGas: 1n,
  });
  expect(parseTransaction(raw)).toMatchObject({ chainId: 31337, nonce: 3, type: "eip1559" });
  expect((await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` })).toLowerCase()).toBe(
    signer.address,
  );
});

/** A terminal that types `keys` and remembers whether it echoed. */
function typing(...keys: readonly string[]) {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(raw: boolean) {
      modes.push(raw);
      const next = raw ? keys[modes.length >> 1] : undefined;
      if (next !== undefined) setImmediate(() => input.write(next));
      return input;
    },
  }) as unknown as NodeJS.ReadStream;
  const output = new PassThrough();
  return { input, output, modes, shown: () => String(output.read()) };
}

test("behavior: a typed password is not shown, and backspace works", async () => {
  const { input, output, modes, shown } = typing("hunterx\u007f2\r");
  expect(await readPassword({ question: "Password", input, output })).toBe("hunter2");
  expect(modes).toEqual([true, false]);
  expect(shown()).toBe("Password: \n");
});

test("behavior: the terminal is silent before the question shows", async () => {
  const { input, output, modes } = typing("hunter2\r");
  const modesAtQuestion: boolean[] = [];
  output.on("data", () => modesAtQuestion.push(modes.at(-1) === true));
  await readPassword({ question: "Password", input, output });
  expect(modesAtQuestion[0]).toBe(true);
});

test("error: the second time something else was typed", async () => {
  const { input, output } = typing("one\r", "two\r");
  await expect(readPassword({ question: "Password", twice: true, input, output })).rejects.toThrow(
    "the two passwords differ",
  );
});

test("error: control-C leaves the prompt", async () => {
  const { input, output, modes } = typing("abc\u0003");
  await expect(readPassword({ question: "Password", input, output })).rejects.toThrow("the prompt was left");
  expect(modes.at(-1)).toBe(false);
});

test("error: neither a terminal nor a file", async () => {
  const input = new PassThrough() as unknown as NodeJS.ReadStream;
  await expect(readPassword({ question: "Password", input })).rejects.toThrow("give --password-file FILE");
});

test("behavior: a password file's first line, without its line end", async () => {
  const file = join(folder, "password");
  writeFileSync(file, "correct horse\r\nnext", { mode: 0o600 });
  expect(await readPassword({ passwordFile: file, question: "Password" })).toBe("correct horse");
  chmodSync(file, 0o644);
  await expect(readPassword({ passwordFile: file, question: "Password" })).rejects.toMatchObject({
    name: "FileExposed",
  });
});

test.each([
  ["a private key", `0x${"ac".repeat(32)}`],
  ["a private key without 0x", "AC".repeat(32)],
  ["a seed phrase", `${"test ".repeat(11)}junk`],
])("error: %s in the place of a keystore's path is not printed", (_, secret) => {
  expect(() => keystoreAddress(secret)).toThrow("not shown");
  try {
    keystoreAddress(secret);
  } catch (error) {
    expect(String(error)).not.toContain(secret.slice(0, 12));
  }
});
