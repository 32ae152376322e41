import type { Channel } from "../deliver/Channel.ts";
import type { Metrics } from "./Metrics.ts";

/** `channel`, with each delivery counted. */
export function observeChannel({ notify }: Metrics, channel: Channel): Channel {
  for (const result of ["sent", "failed", "dead"]) notify.inc({ channel: channel.name, result }, 0);
  const count = (result: "sent" | "failed") => notify.inc({ channel: channel.name, result });
  // Whatever a delivery is given goes on: without its thread a channel begins a new one for every notice.
  const deliver: Channel["deliver"] = async (...given) => {
    const [, signal] = given;
    try {
      const receipt = await channel.deliver(...given);
      count("sent");
      return receipt;
    } catch (error) {
      // Broken off by us is no failure of the channel's.
      if (!signal.aborted) count("failed");
      throw error;
    }
  };
  return { ...channel, deliver };
}
