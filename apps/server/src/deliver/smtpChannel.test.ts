import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { DeliveryError, NoticeRefusedError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { openSmtpBench, type SmtpBench } from "./smtp.testkit.ts";
import { smtpChannel } from "./smtpChannel.ts";

const faults = ["outage", "rate-limit", "echo"] as const;
channelSuite("mail, STARTTLS", openSmtpBench, { isOnce: true, faults, runs: 30 });

let bench: SmtpBench;
afterEach(() => bench?.close());
const open = async (...given: Parameters<typeof openSmtpBench>) => {
  bench = await openSmtpBench(...given);
  return bench;
};
const signal = new AbortController().signal;
const alert = notice(finding(7, "Half of the vault left in one transaction."));

test("behavior: an alert is a plain mail whose id is the notice's; what follows answers it", async () => {
  const { channel, mails } = await open();
  const { root } = (await channel.deliver(alert, signal, newThread))!;
  await channel.deliver(notice(finding(7), "retracted"), signal, { ...newThread, root: root! });
  expect(root).toBe(`<${alert.id.slice(2)}@testudo.example>`);
  expect(mails.map(({ inReplyTo, recipients, isSecure }) => ({ inReplyTo, recipients, isSecure }))).toEqual([
    { inReplyTo: undefined, recipients: ["oncall@testudo.example"], isSecure: true },
    { inReplyTo: root, recipients: ["oncall@testudo.example"], isSecure: true },
  ]);
  expect(`${mails[0]!.subject}\n\n${mails[0]!.text}`).toMatchInlineSnapshot(`
    "[testudo d679f017] CRITICAL: raised: Half of the vault left in one transaction.

    CRITICAL: raised: Half of the vault left in one transaction.

    Half of the vault left in one transaction.

    block: 7 on chain 31337
    subject: 0xabababababababababababababababababababab
    detector: outflow
    runbook: RUNBOOK[.]md#it-paged
    alert: d679f017
    "
  `);
});

test("behavior: TLS from the start, and none at all on loopback", async () => {
  const first = await open({ tls: "implicit" });
  await first.channel.deliver(alert, signal, newThread);
  expect(first.mails).toMatchObject([{ isSecure: true }]);
  await first.close();
  const second = await open({ tls: "none" }, { hasTls: false });
  await second.channel.deliver(alert, signal, newThread);
  expect(second.mails).toMatchObject([{ isSecure: false }]);
});

test("error: a server that offers no TLS, or shows a certificate of somebody else, gets neither login nor mail", async () => {
  const first = await open({}, { hasTls: false });
  await expect(first.channel.deliver(alert, signal, newThread)).rejects.toThrow(DeliveryError);
  await first.close();
  const second = await open({ ca: undefined });
  await expect(second.channel.deliver(alert, signal, newThread)).rejects.toThrow(/self-signed/);
  expect([first.mails, second.mails]).toEqual([[], []]);
});

test("DELIV-02: a server that drips its answer line by line is given up, with its connection", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 mail\r\n");
    socket.once("data", () => {
      const drip = setInterval(() => socket.write("250-more\r\n"), 20);
      socket.once("close", () => clearInterval(drip));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const mail = {
    name: "mail",
    host: "127.0.0.1",
    port,
    tls: "none",
    from: "a@b.example",
    to: ["c@d.example"],
  } as const;
  const delivered = smtpChannel({ ...mail, timeoutMs: 200 }).deliver(alert, signal, newThread);
  await expect(delivered).rejects.toThrow("Mail server 127.0.0.1: Not within 1200 ms.");
  // Not before the connection is gone.
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

test.each([
  ["rcpt", 450, "4.2.1 mailbox busy"],
  ["data", 452, "4.3.1 out of space"],
] as const)("DELIV-02: %s answered %i is tried again", async (at, code, text) => {
  const { channel } = await open();
  bench.refuse = { at, code, text };
  const error = await channel.deliver(alert, signal, newThread).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DeliveryError);
  expect(String(error)).toContain(text);
});

test.each([
  ["rcpt", 550, "5.1.1 no such user"],
  ["data", 554, "5.7.1 refused as spam"],
] as const)("DELIV-02: %s answered %i is refused for good", async (at, code, text) => {
  const { channel } = await open();
  bench.refuse = { at, code, text };
  await expect(channel.deliver(alert, signal, newThread)).rejects.toThrow(NoticeRefusedError);
});

describe("several recipients", () => {
  const to = ["first@testudo.example", "second@testudo.example", "third@testudo.example"];
  const busy = { code: 451, text: "4.7.1 greylisted, come back" };
  const gone = { code: 550, text: "5.1.1 no such user" };
  const failure = (bench: SmtpBench) =>
    bench.channel.deliver(alert, signal, newThread).then(
      () => undefined,
      (error: unknown) => error as DeliveryError,
    );
  // A mailbox keeps one mail of an id, so each attempt is looked at by itself.
  const recipients = (bench: SmtpBench) => bench.mails.splice(0).map((mail) => mail.recipients);

  test("DELIV-02: whom the server puts off is asked again, alone, until all have it; the rest of the channel goes on", async () => {
    await open({ to });
    bench.refusedFor.set(to[1]!, busy).set(to[2]!, gone);
    const first = await failure(bench);
    expect(first).toMatchObject({ name: "DeliveryError", holds: "notice", needsPerson: false });
    expect(first!.message).toMatch(/second@testudo.example: 451 .*third@testudo.example: 550 .*1 of 3 have it/);
    expect(recipients(bench)).toEqual([[to[0]]]);
    expect(await failure(bench)).toMatchObject({ name: "DeliveryError", holds: "notice" });
    expect(recipients(bench)).toEqual([]);
    bench.refusedFor.delete(to[1]!);
    const second = await failure(bench);
    expect(second).toBeInstanceOf(NoticeRefusedError);
    expect(second!.message).toContain("third@testudo.example: 550");
    expect(recipients(bench)).toEqual([[to[1]]]);
    bench.refusedFor.clear();
    // Somebody has the dead letter sent again.
    expect(await failure(bench)).toBeUndefined();
    expect(recipients(bench)).toEqual([[to[2]]]);
  });

  test("DELIV-02: who has it is not asked again, however his domain is spelled", async () => {
    await open({ to: ["First@Testudo.Example", to[1]!] });
    bench.refusedFor.set(to[1]!, busy);
    expect(await failure(bench)).toMatchObject({ name: "DeliveryError" });
    expect(recipients(bench)).toEqual([["First@testudo.example"]]);
    expect(await failure(bench)).toMatchObject({ name: "DeliveryError" });
    expect(recipients(bench)).toEqual([]);
  });

  test("DELIV-02: whom it never takes makes a dead letter that names him, though others have it", async () => {
    await open({ to });
    bench.refusedFor.set(to[2]!, gone);
    const error = await failure(bench);
    expect(error).toBeInstanceOf(NoticeRefusedError);
    expect(error!.message).toMatch(/not taken for third@testudo.example: 550 .*2 of 3 have it/);
    expect(recipients(bench)).toEqual([[to[0], to[1]]]);
  });
});

test("DELIV-02: a refused login needs a person, and no error shows the password", async () => {
  const { channel } = await open({ password: "wrong-password" });
  const error = (await channel.deliver(alert, signal, newThread).catch((e: unknown) => e)) as DeliveryError;
  expect(error).toMatchObject({ name: "DeliveryError", needsPerson: true });
  expect(`${error.message} ${error.stack}`).not.toContain("wrong-password");
});
