import type { RelaySettings } from "../../config/Config.ts";
import { readSecret } from "../../config/readSecret.ts";
import { UsageError } from "../../config/UsageError.ts";
import type { RelayAccess } from "../../jobs/send/Relay.ts";

/** How the relay of the settings is reached, with the secret that they name. Throws UsageError. */
export function relayAccessOf({ url, method, header }: RelaySettings): RelayAccess {
  if (header === undefined) return { url, method };
  const value = readSecret(header.value, `value of the relay's header "${header.name}"`);
  if (!/^[\x20-\x7e]+$/.test(value))
    throw new UsageError(
      `The value of the relay's header "${header.name}" holds a character that no header may.`,
      "Allowed: printable ASCII.",
      "Copy it once more from the relay's operator.",
    );
  return { url, method, header: { name: header.name, value } };
}
