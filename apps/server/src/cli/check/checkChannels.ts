import { dirname, resolve } from "node:path";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { countOf } from "@testudo/core/model/countOf";
import type { SecretRef } from "../../config/ChannelConfig.ts";
import { type Mistake, mistakeOfError, type Place } from "../../config/ConfigError.ts";
import { type ChannelSettings, channelSchema } from "../../config/channelSchema.ts";
import { nameOfChannel } from "../../config/configSchema.ts";
import { placed } from "../../config/loadConfig.ts";
import { placeOfValue } from "../../config/locate.ts";
import { readSecret } from "../../config/readSecret.ts";
import { readPeople, readToken } from "../../config/readToken.ts";
import { relaySchema } from "../../config/relaySchema.ts";
import { UsageError } from "../../config/UsageError.ts";
import { channelOf } from "../flags/channelOf.ts";
import { relayAccessOf } from "../flags/relayAccess.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The channels, both relays and people with tokens: whether what they need to speak is there. No word is sent. */
export function checkChannels(written: Written): readonly CheckedPart[] {
  const { file, source, config } = written;
  const given: unknown = config.channels ?? [{ type: "terminal" }];
  const settled = (Array.isArray(given) ? given : []).flatMap((item, i) => {
    const checked = channelSchema.safeParse(item);
    if (!checked.success) return [];
    const channel = { ...placed(checked.data, inFolder(file)), name: nameOfChannel(checked.data, i) };
    return [{ channel, i }];
  });
  const text = settled.map(({ channel }) => `${channel.name} (${channel.type})`).join(", ");
  const faults = settled.flatMap(({ channel, i }) =>
    faultsOf(channel, (key) => placeOfValue(source, ["channels", i, ...(key === undefined ? [] : [key])])),
  );
  return [
    { part: "channels", text, faults },
    ...checkRelay(written),
    ...checkPrivateRelay(written),
    ...checkPeople(written),
  ];
}

function checkRelay({ file, source, checkedOf }: Written): readonly CheckedPart[] {
  const token = checkedOf("preblock")?.relayToken;
  if (token === undefined) return [];
  const place = placeOfValue(source, ["preblock", "relayToken"]);
  const ref = "file" in token ? { file: inFolder(file)(token.file) } : token;
  return [{ part: "relay", text: "its token", faults: faultOf(place, () => readToken(ref, "relay token")) }];
}

/** Undefined where there is none, or none that can be read, which is told of the relay itself. */
function relayTokenOf({ file, checkedOf }: Written): string | undefined {
  const token = checkedOf("preblock")?.relayToken;
  if (token === undefined) return undefined;
  try {
    return readToken("file" in token ? { file: inFolder(file)(token.file) } : token, "relay token");
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function checkPeople(written: Written): readonly CheckedPart[] {
  const { file, source, checkedOf } = written;
  const people = (checkedOf("people") ?? []).map(({ name, token }) => ({
    ...{ name, token: "file" in token ? { file: inFolder(file)(token.file) } : token },
  }));
  if (people.length === 0) return [];
  const faults = people.flatMap((person, i) =>
    faultOf(placeOfValue(source, ["people", i, "token"]), () => readPeople([person])),
  );
  const text = people.map(({ name }) => name).join(", ");
  // Two with one token are found once each has one.
  return [
    {
      part: "people",
      text,
      faults:
        faults.length > 0
          ? faults
          : faultOf(placeOfValue(source, ["people"]), () => readPeople(people, relayTokenOf(written))),
    },
  ];
}

function checkPrivateRelay({ file, source, config }: Written): readonly CheckedPart[] {
  const checked = relaySchema.safeParse(config.policy?.relay);
  if (!checked.success) return [];
  const { publicAfterBlocks: after, header, ...relay } = checked.data;
  const sent = after === "never" ? "and nobody else" : `the public nodes ${countOf(after, "block")} later`;
  const text = `${redactUrl(relay.url)} gets signed pauses first, ${sent}`;
  if (header === undefined) return [{ part: "private relay", text, faults: [] }];
  const value = "file" in header.value ? { file: inFolder(file)(header.value.file) } : header.value;
  const place = placeOfValue(source, ["policy", "relay", "header"]);
  const faults = faultOf(place, () => relayAccessOf({ ...relay, header: { ...header, value } }));
  return [{ part: "private relay", text, faults }];
}

function faultsOf(channel: ChannelSettings, placeOf: (key?: string) => Place): readonly Mistake[] {
  const missing = Object.entries(channel).flatMap(([key, value]) =>
    [value].flat().flatMap((ref) => {
      if (!isSecretRef(ref)) return [];
      return faultOf(placeOf(key), () => readSecret(ref, `\`${key}\` of channel "${channel.name}"`));
    }),
  );
  // With its secrets there it is made as a watch makes it: they have to be of the right kind.
  return missing.length > 0 ? missing : faultOf(placeOf(), () => channelOf(channel));
}

function isSecretRef(value: unknown): value is SecretRef {
  const { env, file } = (value ?? {}) as { readonly env?: unknown; readonly file?: unknown };
  return typeof value === "object" && (typeof env === "string" || typeof file === "string");
}

/** The fault that `attempt` throws, if it does. */
function faultOf(place: Place, attempt: () => unknown): readonly Mistake[] {
  try {
    attempt();
    return [];
  } catch (error) {
    return [mistakeOfError(place, error)];
  }
}

function inFolder(file: string): (path: string) => string {
  return (path) => resolve(dirname(file), path);
}
