// Sockets say when there is a new head (STREAM-15). Nothing they say is believed. A hint has the endpoints asked, within a
// budget; its number decides when to stop asking again, its hash is compared with the blocks that a quorum named. Only who
// announced those in time, one after the other, may save questions, and even then the next one comes at a random moment
// within a block time: a socket that holds hints back cannot know when it is checked.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { TroubleBook } from "../nodes/TroubleBook.ts";
import type { HeadListener } from "./openHeadSource.ts";
import type { HeadHint } from "./parseHeadMessage.ts";

/** Blocks in a row that a socket announces before it may save questions, and misses before it is connected anew. */
const TRUSTED_AFTER = 3;
const MUTE_AFTER = 3;
const MAX_REMEMBERED = 64;
/** Hints that may have the endpoints asked at once; one more comes with each block announced, and each `pollMs`. */
const MAX_TOKENS = 10;
/** The longest that endpoints are left alone, and that a hint is followed up. */
const LONGEST_MS = 15_000;

export interface HintOptions {
  readonly pollMs: number;
  /** Undefined while it is not known: then no question is saved. */
  readonly blockTimeMs: () => number | undefined;
  /** Whether nobody has to be asked for this block any more. */
  readonly isKnown: (hint: HeadHint) => boolean;
  readonly troubles: TroubleBook;
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** What sockets have hinted at, and how far they can be relied on. */
export interface HeadHints {
  /** How often the endpoints were to be asked at once. */
  readonly wakes: number;
  /** Takes what the socket `label` says. */
  listen(label: string): HeadListener;
  /** Whether some socket says that there is more than block `head`, so that it is worth asking soon again. */
  isWanted(head: bigint | undefined): boolean;
  /** How long an endpoint is left alone whose every answer costs something. */
  restMs(): number;
  /** Resolves after `ms`, or with true as soon as `wakes` is more than `heard`; at once when `signal` is aborted. */
  doze(heard: number, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Holds the sockets to a block that a quorum named and an endpoint first told at `seenAtMs`. */
  judge(ref: BlockRef, seenAtMs: number): void;
  /** Looks at the clock, and tells of the sockets that are lost. */
  tick(): void;
}

interface Voice {
  readonly label: string;
  /** Set while the subscription stands. */
  renew: ((why: string) => void) | undefined;
  openAtMs: number;
  /** Why it was lost; until it has announced a block again. */
  lostBecause: string | undefined;
  /** What it announced, and when; oldest first. */
  readonly hinted: Map<Hex, number>;
  goal: { readonly number: bigint; readonly untilMs: number } | undefined;
  /** Blocks that came without its hint, which may still come in time. */
  awaited: { readonly hash: Hex; readonly untilMs: number }[];
  streak: number;
  missed: number;
  confirmedAtMs: number;
  tokens: number;
  filledAtMs: number;
}

/** Starts without any socket. */
export function makeHeadHints(options: HintOptions): HeadHints {
  const { pollMs, blockTimeMs, isKnown, troubles, now = Date.now, random = Math.random } = options;
  const voices: Voice[] = [];
  const sleepers = new Set<() => void>();
  // A hint that comes later than this after the block was found is no better than asking.
  const graceMs = Math.min(1_000, Math.max(100, pollMs));
  let wakes = 0;
  let wasTrusted = false;

  function wake(): void {
    wakes += 1;
    for (const rouse of [...sleepers]) rouse();
  }

  function isTrusted(): boolean {
    const blockMs = blockTimeMs() ?? 0;
    return voices.some(
      ({ renew, streak, confirmedAtMs }) =>
        renew !== undefined && streak >= TRUSTED_AFTER && now() - confirmedAtMs <= blockMs,
    );
  }

  function kept(voice: Voice, atMs: number): void {
    voice.streak += 1;
    voice.missed = 0;
    voice.confirmedAtMs = atMs;
    voice.tokens = Math.min(MAX_TOKENS, voice.tokens + 1);
    voice.lostBecause = undefined;
    troubles.clear("heads-lost", `${voice.label} tells heads again.`, voice.label);
  }

  function miss(voice: Voice): void {
    voice.streak = 0;
    voice.missed += 1;
    if (voice.missed >= MUTE_AFTER) voice.renew?.(`it told of none of the last ${voice.missed} blocks`);
  }

  function spend(voice: Voice): boolean {
    const steps = Math.floor((now() - voice.filledAtMs) / pollMs);
    voice.tokens = Math.min(MAX_TOKENS, voice.tokens + Math.max(0, steps));
    voice.filledAtMs += steps * pollMs;
    if (voice.tokens < 1) return false;
    voice.tokens -= 1;
    return true;
  }

  function hear(voice: Voice, hint: HeadHint): void {
    const { hash, number } = hint;
    if (!voice.hinted.has(hash)) voice.hinted.set(hash, now());
    if (voice.hinted.size > MAX_REMEMBERED) voice.hinted.delete(voice.hinted.keys().next().value!);
    const awaited = voice.awaited.find((block) => block.hash === hash && now() <= block.untilMs);
    if (awaited !== undefined) {
      voice.awaited = voice.awaited.filter((block) => block !== awaited);
      kept(voice, now());
    }
    if (isKnown(hint)) return;
    if (!spend(voice)) {
      // What is not followed up must not save questions either.
      voice.streak = 0;
      return;
    }
    voice.goal = { number, untilMs: now() + Math.min(LONGEST_MS, blockTimeMs() ?? LONGEST_MS) };
    wake();
  }

  function lost(voice: Voice, why: string): void {
    voice.renew = undefined;
    voice.lostBecause = why;
    voice.goal = undefined;
    voice.awaited = [];
    voice.hinted.clear();
    voice.streak = 0;
    voice.missed = 0;
    fallBack();
  }

  /** Has everyone asked who was left alone for a trust that is gone. */
  function fallBack(): void {
    const is = isTrusted();
    if (wasTrusted && !is) wake();
    wasTrusted = is;
  }

  return {
    get wakes() {
      return wakes;
    },
    listen(label) {
      const voice: Voice = {
        label,
        renew: undefined,
        openAtMs: 0,
        lostBecause: undefined,
        hinted: new Map(),
        goal: undefined,
        awaited: [],
        streak: 0,
        missed: 0,
        confirmedAtMs: 0,
        tokens: MAX_TOKENS,
        filledAtMs: now(),
      };
      voices.push(voice);
      return {
        onOpen(renew) {
          voice.renew = renew;
          voice.openAtMs = now();
        },
        onHint: (hint) => hear(voice, hint),
        onLost: (why) => lost(voice, why),
      };
    },
    isWanted: (head) =>
      voices.some(({ goal }) => goal !== undefined && goal.number > (head ?? -1n) && now() < goal.untilMs),
    restMs() {
      wasTrusted = isTrusted();
      const longestMs = Math.min(LONGEST_MS, blockTimeMs() ?? 0);
      return wasTrusted && longestMs > pollMs ? pollMs + random() * (longestMs - pollMs) : pollMs;
    },
    doze(heard, ms, signal) {
      if (wakes !== heard || signal.aborted) return Promise.resolve(true);
      return new Promise((resolve) => {
        const end = (isWoken: boolean) => {
          clearTimeout(timer);
          sleepers.delete(rouse);
          signal.removeEventListener("abort", rouse);
          resolve(isWoken);
        };
        const rouse = () => end(true);
        const timer = setTimeout(() => end(false), ms);
        sleepers.add(rouse);
        signal.addEventListener("abort", rouse, { once: true });
      });
    },
    judge({ hash }, seenAtMs) {
      for (const voice of voices) {
        if (voice.renew === undefined) continue;
        const untilMs = seenAtMs + graceMs;
        const heardAtMs = voice.hinted.get(hash);
        if (heardAtMs !== undefined && heardAtMs <= untilMs) kept(voice, heardAtMs);
        // A block that was found so soon may be older than the subscription, which could not tell of it.
        else if (seenAtMs < voice.openAtMs + pollMs) continue;
        else if (heardAtMs === undefined && now() <= untilMs) voice.awaited.push({ hash, untilMs });
        else miss(voice);
      }
    },
    tick() {
      for (const voice of voices) {
        const late = voice.awaited.filter(({ untilMs }) => now() > untilMs);
        voice.awaited = voice.awaited.filter((block) => !late.includes(block));
        for (const _ of late) miss(voice);
        if (voice.lostBecause !== undefined) tellLost(troubles, voice.label, voice.lostBecause);
      }
      fallBack();
    },
  };
}

function tellLost(troubles: TroubleBook, label: string, why: string): void {
  troubles.raise("heads-lost", `${label} tells no heads: ${why}. They are asked for meanwhile.`, false, label);
}
