import type { Channel } from "./Channel.ts";

/** Who has been told to wait, and until when (Unix milliseconds). A global limit holds every channel of its service. */
export interface RateLimits {
  rest(channel: Channel, holds: "channel" | "service", atMs: number, restMs: number): void;
  /** Until when `channel` may not be asked; 0 for now. */
  restsUntil(channel: Channel): number;
  /** The clock was set back to `nowMs`: nobody rests longer than he was told. */
  setBack(nowMs: number): void;
}

interface Rest {
  readonly atMs: number;
  readonly untilMs: number;
}

export function openRateLimits(): RateLimits {
  const rests = new Map<string, Rest>();
  const untilOf = (key: string) => rests.get(key)?.untilMs ?? 0;
  const later = (key: string, rest: Rest) => {
    if (rest.untilMs > untilOf(key)) rests.set(key, rest);
  };
  return {
    rest: ({ name, service }, holds, atMs, restMs) => {
      const rest = { atMs, untilMs: atMs + restMs };
      later(`channel ${name}`, rest);
      if (holds === "service" && service !== undefined) later(`service ${service}`, rest);
    },
    restsUntil: ({ name, service }) =>
      Math.max(untilOf(`channel ${name}`), service === undefined ? 0 : untilOf(`service ${service}`)),
    setBack(nowMs) {
      for (const [key, { atMs, untilMs }] of rests)
        if (atMs > nowMs) rests.set(key, { atMs: nowMs, untilMs: nowMs + untilMs - atMs });
    },
  };
}
