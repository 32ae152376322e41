// What a protocol's people have said that they would do. It lowers the severity of what is then seen, and silences nothing.
import { z } from "zod";
import type { Severity } from "./Finding.ts";
import type { Address } from "./Hex.ts";

/** A change of `address` that was announced for a time. With `values` named, only a change to one of these addresses is meant. */
export interface AnnouncedChange {
  readonly address: string;
  /** Unix seconds, both inclusive. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** New implementations, owners and the like; empty for any. */
  readonly values: readonly string[];
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");

/** A calendar: at most 256 changes, none of them open for more than 30 days. */
export const announcedSchema = z
  .array(
    z
      .object({
        address,
        fromSeconds: z.number().int().positive(),
        untilSeconds: z.number().int().positive(),
        values: z.array(address).max(64).default([]),
      })
      .strict()
      .refine(
        ({ fromSeconds, untilSeconds }) => untilSeconds >= fromSeconds && untilSeconds - fromSeconds <= 2_592_000,
        { error: "Allowed: an end after the beginning, at most 30 days later." },
      ),
  )
  .max(256);

/** The entry of `calendar` that covers a change of `address` at `now` (Unix seconds); `text` is where its values are looked for. */
export function announcedOf(
  calendar: readonly AnnouncedChange[],
  change: { readonly address: Address; readonly now: number; readonly text: string },
): AnnouncedChange | undefined {
  return calendar.find(
    (entry) =>
      entry.address === change.address &&
      entry.fromSeconds <= change.now &&
      change.now <= entry.untilSeconds &&
      (entry.values.length === 0 || entry.values.some((value) => change.text.includes(value.slice(2)))),
  );
}

const steps: readonly Severity[] = ["info", "low", "medium", "high", "critical"];

/** `severity` lowered by `by` steps, at least `low`; critical by one step alone, and `info` stays. */
export function loweredSeverity(severity: Severity, by: number): Severity {
  if (severity === "critical") return "high";
  return severity === "info" ? "info" : steps[Math.max(1, steps.indexOf(severity) - by)]!;
}
