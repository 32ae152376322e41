// What every channel has to do, run against each one's own service (`*.testkit.ts`).
import type { Notice } from "@testudo/core/model/Notice";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { type Channel, DeliveryError, newThread, type Receipt } from "./Channel.ts";
import { digestId, digestOf } from "./digestOf.ts";
import { nastyText } from "./nastyText.testkit.ts";
import type { Fault } from "./service.testkit.ts";

/** A channel with the service behind it. */
export interface ChannelBench {
  readonly channel: Channel;
  /** What may stand in no error. */
  readonly secrets: readonly string[];
  /** What people see: the texts of each thread or ticket, oldest first. */
  threads(): readonly (readonly string[])[];
  /** What the service would show as link, mention or markup of all that it has. */
  active(): readonly string[];
  breakNext(fault: Fault): void;
  close(): Promise<void>;
}

/** What the service can and cannot do. */
export interface ChannelTraits {
  /** Whether what was sent twice is seen once: by its id, or since the channel finds it. */
  readonly isOnce: boolean;
  /** Faults that its protocol has; all of HTTP's without. */
  readonly faults?: readonly Fault[];
  /** Where closing an alert is no text of its own (a pager). */
  readonly isSilentAtClose?: boolean;
  /** A thread is one, but what was sent twice within it may stand there twice. */
  readonly isNotedTwice?: boolean;
  /** Nobody answers: it prints. */
  readonly isOneWay?: boolean;
  /** Texts to try, where each takes long; default 60. */
  readonly runs?: number;
}

export const httpFaults: readonly Fault[] = ["outage", "rate-limit", "redirect", "echo", "garbage"];

/** Runs the suite as `name`. */
export function channelSuite(name: string, open: () => Promise<ChannelBench>, traits: ChannelTraits): void {
  describe(name, () => {
    let bench: ChannelBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());
    // What the outbox keeps.
    const roots = new Map<string, string>();
    beforeEach(() => roots.clear());
    const tell = async (n: Notice, again = false): Promise<Receipt | undefined> => {
      const root = roots.get(n.thread) ?? null;
      const receipt = await bench.channel.deliver(n, AbortSignal.timeout(20_000), { ...newThread, root, again });
      if (receipt?.root !== undefined) roots.set(n.thread, receipt.root);
      return receipt;
    };
    const failure = async (n: Notice): Promise<Error> => {
      const error = await tell(n).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(Error);
      return error as Error;
    };
    const { faults = httpFaults } = traits;
    const [first, other] = [finding(1, "Half of the vault left."), finding(2, "The oracle jumped.")];

    test("behavior: what is told arrives in words, with a receipt", async () => {
      const receipt = await tell(notice(first));
      expect(bench.threads()).toHaveLength(1);
      expect(bench.threads()[0]![0]).toContain("Half of the vault left");
      expect(receipt?.said ?? "").not.toBe("");
    });

    test("FIND-04: a retraction goes where its alert is, another alert elsewhere", async () => {
      await tell(notice(first));
      await tell(notice(other));
      await tell(notice(first, "retracted"));
      const threads = bench.threads();
      expect(threads).toHaveLength(2);
      const [own, others] = [
        threads.find((t) => t.join().includes("vault")),
        threads.find((t) => t.join().includes("oracle")),
      ];
      expect(others).toHaveLength(1);
      if (traits.isSilentAtClose) return;
      expect(own!.length).toBeGreaterThan(1);
      expect(own!.slice(1).join("\n")).toContain("taken back");
    });

    test.skipIf(traits.isOneWay)(
      "FIND-02: when the answer was lost, the next attempt makes no second thread where that can be known",
      async () => {
        bench.breakNext("lost-answer");
        expect(await failure(notice(first))).toBeInstanceOf(DeliveryError);
        await tell(notice(first), true);
        expect(bench.threads()).toHaveLength(traits.isOnce ? 1 : 2);
        await tell(notice(first, "retracted"));
        expect(bench.threads()).toHaveLength(traits.isOnce ? 1 : 2);
        if (!traits.isOnce || traits.isNotedTwice) return;
        // The same within a thread.
        const before = bench.threads()[0]!.length;
        bench.breakNext("lost-answer");
        await failure(notice(first, "raised-again"));
        await tell(notice(first, "raised-again"), true);
        expect(bench.threads().map((thread) => thread.length)).toEqual([before + 1]);
      },
    );

    test.skipIf(!faults.includes("outage"))("DELIV-02: an outage is told and the next attempt is taken", async () => {
      bench.breakNext("outage");
      const error = await failure(notice(first));
      expect(error).toBeInstanceOf(DeliveryError);
      expect(error).toMatchObject({ needsPerson: false });
      await tell(notice(first), true);
      expect(bench.threads()).toHaveLength(1);
    });

    test.skipIf(!faults.includes("rate-limit"))(
      "DELIV-02: a rate limit names how long and who has to wait",
      async () => {
        bench.breakNext("rate-limit");
        const error = await failure(notice(first));
        expect(error).toBeInstanceOf(DeliveryError);
        expect((error as DeliveryError).retryAfterMs).toBeGreaterThan(0);
        expect((error as DeliveryError).holds).not.toBe("notice");
      },
    );

    test.skipIf(!faults.includes("redirect"))("error: a redirect is not followed", async () => {
      bench.breakNext("redirect");
      expect((await failure(notice(first))).message).toContain("redirects are not followed");
    });

    test.skipIf(!faults.includes("garbage"))(
      "error: an answer that is not the service's own is no success",
      async () => {
        bench.breakNext("garbage");
        expect(await failure(notice(first))).toBeInstanceOf(DeliveryError);
      },
    );

    test("error: no error shows a secret, whatever the service says", async () => {
      for (const fault of faults) {
        bench.breakNext(fault);
        const error = await failure(notice(first));
        for (const secret of bench.secrets) {
          expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
            secret,
          );
        }
      }
    });

    test.skipIf(traits.isOneWay)("behavior: a stop breaks off a delivery that hangs", async () => {
      bench.breakNext("silence");
      const stop = new AbortController();
      const sent = bench.channel.deliver(notice(first), stop.signal, newThread);
      setTimeout(() => stop.abort(), 50);
      await expect(sent).rejects.toThrow();
    });

    test("DELIV-04: no text becomes markup, mention or link, or is too long, whatever an attacker wrote", async () => {
      let number = 10;
      await fc.assert(
        fc.asyncProperty(nastyText, nastyText, nastyText, nastyText, async (title, body, owner, transition) => {
          const n = notice(finding(number++));
          const runbook = `RUNBOOK.md ${title}`;
          await tell({
            ...n,
            title,
            body: body.repeat(20),
            owner,
            runbook,
            transition: `x${transition}`,
            detector: title,
          });
          expect(bench.active()).toEqual([]);
        }),
        { numRuns: traits.runs ?? 60 },
      );
      const long = "0x ".repeat(5_000);
      await tell({ ...notice(finding(9)), title: long, body: long.replaceAll(" ", "\n"), owner: long, runbook: long });
    });

    test("DELIV-03: a digest of what attackers wrote arrives, names the most severe alert, and nothing in it acts", async () => {
      const titles = fc.array(nastyText, { minLength: 2, maxLength: 30 });
      let number = 1_000;
      await fc.assert(
        fc.asyncProperty(titles, async (of) => {
          const alerts = of.map((title, i) => ({
            ...notice(finding(number++), "raised", i === 1 ? "high" : "low"),
            title: title.repeat(20),
          }));
          const before = bench.threads().length;
          await tell(digestOf(digestId(bench.channel.name, alerts), alerts));
          const told = bench.threads().slice(before).flat().join("\n");
          expect(told).toContain(alerts[1]!.thread.slice(2, 10));
          expect(bench.active()).toEqual([]);
        }),
        { numRuns: Math.ceil((traits.runs ?? 60) / 4) },
      );
      const long = Array.from({ length: 400 }, (_, i) => ({
        ...notice(finding(2_000 + i), "raised", "low"),
        title: "*_`<".repeat(2_000),
      }));
      await tell(digestOf(digestId(bench.channel.name, long), long));
    });

    test("SELF-03: a test goes through, time and again, and tells what was answered", async () => {
      for (const n of [0, 1]) {
        const base = notice(first, "test", "info");
        const receipt = await tell({ ...base, id: `0x${String(n).repeat(64)}`, topic: "health" });
        expect(receipt?.said ?? "").not.toBe("");
      }
    });
  });
}
