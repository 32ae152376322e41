import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { isDust } from "./dust.ts";
import type { Story } from "./Story.ts";

// Routes are short; who builds a longer one pays for each step.
const mostParties = 64;

/** Who gave and who got each asset, by whom they dealt with. */
interface Ways {
  readonly givers: ReadonlyMap<string, ReadonlySet<Address>>;
  readonly receivers: ReadonlyMap<string, ReadonlySet<Address>>;
}

/**
 * Gives the function that names `party` and who stands behind it: whoever passes an asset on and keeps none of it, as routers and
 * aggregators do, deals for whom he had it from or brought it to. Actors stand for themselves; `holder` is not looked behind.
 */
export function openBehind(
  story: Story,
): (party: Address, asset: Asset, side: keyof Ways, holder: Address) => ReadonlySet<Address> {
  let ways: Ways | undefined;
  const keepsNone = (a: Address, asset: Asset) => {
    const own = story.net.get(a)?.get(asset) ?? 0n;
    return a !== zeroAddress && !story.actors.has(a) && isDust(asset, own < 0n ? -own : own);
  };
  return (party, asset, side, holder) => {
    const found = new Set([party]);
    for (const a of found) {
      if (!keepsNone(a, asset)) continue;
      ways ??= waysOf(story);
      for (const b of ways[side].get(`${a}${asset}`) ?? []) {
        if (found.size >= mostParties) return found;
        if (b !== holder) found.add(b);
      }
    }
    return found;
  };
}

function waysOf({ moves, wrapped }: Story): Ways {
  const [givers, receivers] = [new Map<string, Set<Address>>(), new Map<string, Set<Address>>()];
  const put = (map: Map<string, Set<Address>>, key: string, a: Address) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, new Set([a]));
    else known.add(a);
  };
  for (const { asset, from, to } of moves) {
    if (wrapped.has(from) || wrapped.has(to)) continue;
    put(givers, `${to}${asset}`, from);
    put(receivers, `${from}${asset}`, to);
  }
  return { givers, receivers };
}
