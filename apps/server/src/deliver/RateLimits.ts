import type { Channel } from "./Channel.ts";

/** Who has been told to wait, and until when (Unix milliseconds). A global limit holds every channel of its service. */
export interface RateLimits {
  rest(channel: Channel, holds: "channel" | "service", untilMs: number): void;
  /** Until when `channel` may not be asked; 0 for now. */
  restsUntil(channel: Channel): number;
}

export function openRateLimits(): RateLimits {
  const until = new Map<string, number>();
  const later = (key: string, ms: number) => until.set(key, Math.max(until.get(key) ?? 0, ms));
  return {
    rest: ({ name, service }, holds, untilMs) => {
      later(`channel ${name}`, untilMs);
      if (holds === "service" && service !== undefined) later(`service ${service}`, untilMs);
    },
    restsUntil: ({ name, service }) =>
      Math.max(until.get(`channel ${name}`) ?? 0, service === undefined ? 0 : (until.get(`service ${service}`) ?? 0)),
  };
}
