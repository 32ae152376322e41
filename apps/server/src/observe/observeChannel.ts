import type { Channel } from "../deliver/Channel.ts";
import type { Metrics } from "./Metrics.ts";

/** `channel`, with each delivery counted. */
export function observeChannel({ notify }: Metrics, channel: Channel): Channel {
  for (const result of ["sent", "failed", "dead"]) notify.inc({ channel: channel.name, result }, 0);
  const count = (result: "sent" | "failed") => notify.inc({ channel: channel.name, result });
  return {
    ...channel,
    async deliver(notice, signal) {
      try {
        const receipt = await channel.deliver(notice, signal);
        count("sent");
        return receipt;
      } catch (error) {
        // Broken off by us is no failure of the channel's.
        if (!signal.aborted) count("failed");
        throw error;
      }
    },
  };
}
