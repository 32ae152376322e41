import { z } from "zod";
import { type AnnouncedChange, announcedSchema } from "../../model/AnnouncedChange.ts";
import type { Asset } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";

/** A window in seconds, and the share of the holding at its start that may leave in it, net. */
export interface OutflowWindow {
  readonly seconds: number;
  readonly theta: number;
}

/** What may leave of one asset within a window; without a holder of any protected address. */
export interface OutflowLimit {
  readonly holder?: Address | undefined;
  readonly asset: Asset;
  readonly seconds: number;
  readonly theta: number;
}

export interface OutflowParams {
  readonly windows: readonly OutflowWindow[];
  /** Calibrated limits of single assets, of one holder or of all, in place of the window's own. */
  readonly limits: readonly OutflowLimit[];
  /** Slack k and limit h of the cumulative sum, in shares of the holding an hour; null for none. */
  readonly cusum: { readonly slack: number; readonly limit: number } | null;
  /** A bucket that holds a share of the balance and leaks empty in so many seconds, as a FlowLimiter's; null for none. */
  readonly bucket: { readonly share: number; readonly seconds: number } | null;
  /** Migrations and the like; `values` are where the assets go. */
  readonly announced: readonly AnnouncedChange[];
  /** Assets followed per protected address; the rest is followed from its first outflow on. */
  readonly maxAssets: number;
}

const holder = z.custom<Address>((value) => /^0x[0-9a-f]{40}$/.test(String(value)), { error: "a lower-case address" });
const share = z.number().positive().max(1);
const seconds = z.number().int().min(1).max(604_800);

export const outflowParams = z
  .object({
    windows: z
      .array(z.object({ seconds, theta: share }).strict())
      .min(1)
      .max(8),
    limits: z
      .array(z.object({ holder: holder.optional(), asset: z.string(), seconds, theta: share }).strict())
      .max(4_096),
    cusum: z
      .object({ slack: z.number().min(0).max(1), limit: z.number().positive() })
      .strict()
      .nullable(),
    bucket: z.object({ share, seconds }).strict().nullable(),
    announced: announcedSchema,
    maxAssets: z.number().int().positive(),
  })
  .strict();
