import type { Callable } from "./Callable.ts";
import type { SiteKey } from "./Path.ts";

/** Which arguments of a function ever moved a comparison's operands: the others need not be tried again and again. */
export interface Influence {
  /** Numbers of places; to be added to. */
  placesOf(site: SiteKey, callable: Callable): Set<number>;
}

export function openInfluence(): Influence {
  const known = new Map<Callable, Map<SiteKey, Set<number>>>();
  return {
    placesOf(site, callable) {
      const ofCallable = known.get(callable) ?? new Map<SiteKey, Set<number>>();
      known.set(callable, ofCallable);
      const places = ofCallable.get(site) ?? new Set<number>();
      ofCallable.set(site, places);
      return places;
    },
  };
}
