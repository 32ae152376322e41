// Comparisons that have gone one way only, and the calls that came there: where a search has something to solve.
import type { Call } from "./Call.ts";
import type { Chance } from "./Chance.ts";
import type { Path, SiteKey } from "./Path.ts";
import type { State } from "./Stage.ts";

/** A call that reaches a site, from a state. */
export interface Approach {
  readonly state: State;
  readonly call: Call;
}

export interface Site {
  readonly key: SiteKey;
  /** The way that it has gone so far. */
  readonly outcome: boolean;
  readonly approaches: Approach[];
  attempts: number;
  /** Searches for a nearer state that found none, one after the other. */
  wanderings: number;
}

export interface SiteBook {
  /** Notes a path; true if a comparison on it went a way that it had not gone. */
  note(path: Path, approach: Approach): boolean;
  /** One that is open, rather one that was tried seldom; undefined where all are closed. */
  pick(): Site | undefined;
  isOpen(key: SiteKey): boolean;
  readonly open: number;
}

const mostApproaches = 6;

export function openSiteBook(chance: Chance): SiteBook {
  const open = new Map<SiteKey, Site>();
  const closed = new Set<SiteKey>();
  let list: Site[] = [];

  return {
    note({ sites, outcomes }, approach) {
      let isNew = false;
      const seen = new Set<SiteKey>();
      sites.forEach((key, i) => {
        if (closed.has(key)) return;
        const site = open.get(key);
        if (site === undefined) {
          const made = { key, outcome: outcomes[i]!, approaches: [approach], attempts: 0, wanderings: 0 };
          open.set(key, made);
          list.push(made);
          isNew = true;
        } else if (site.outcome !== outcomes[i]) {
          open.delete(key);
          closed.add(key);
          list = list.filter((other) => other !== site);
          isNew = true;
        } else if (!seen.has(key)) keep(site, approach);
        seen.add(key);
      });
      return isNew;
    },
    pick() {
      if (list.length === 0) return undefined;
      // Of a few, the one that was tried least.
      let best = chance.pick(list);
      for (let i = 0; i < 3; i++) {
        const other = chance.pick(list);
        if (other.attempts < best.attempts) best = other;
      }
      return best;
    },
    isOpen: (key) => open.has(key),
    get open() {
      return list.length;
    },
  };

  function keep(site: Site, approach: Approach): void {
    if (site.approaches.length < mostApproaches) site.approaches.push(approach);
    else if (chance.once(4)) site.approaches[chance.below(mostApproaches)] = approach;
  }
}
