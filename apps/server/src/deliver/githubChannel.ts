import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import type { Channel, Receipt, Thread } from "./Channel.ts";
import { githubText, markerOf } from "./githubText.ts";
import { stageOf } from "./Message.ts";
import { type Github, GithubMissing, openGithub } from "./openGithub.ts";
import type { Rules } from "./Rules.ts";

/** Settings of a GitHub channel. */
export interface GithubOptions {
  readonly name: string;
  /** A fine-grained token with write access to the issues of the one repository. */
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Marks our issues; default "testudo". */
  readonly label?: string | undefined;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Default https://api.github.com/. */
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number;
}

/**
 * A channel that keeps an issue for each alert: what follows is a comment, what is over closes it, what comes back opens it
 * again. Each text carries the notice's id in a hidden comment, by which it is found after a doubtful attempt.
 */
export function githubChannel(options: GithubOptions): Channel {
  const { name, label = "testudo", minSeverity = "info", rules } = options;
  const github = openGithub(options);
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const known = thread.root ?? (thread.again ? await findIssue(github, notice.id, label, signal) : undefined);
    if (known === undefined) return create(github, notice, label, signal);
    try {
      const said = await comment(github, notice, known, { thread, signal });
      return { ...(thread.root === null ? { root: known } : {}), said: `#${known} ${said}` };
    } catch (error) {
      // Deleted or moved away: begun anew.
      if (!(error instanceof GithubMissing) || thread.root === null) throw error;
      return create(github, notice, label, signal);
    }
  };
  return { name, minSeverity, service: github.service, ...(rules ? { rules } : {}), deliver };
}

async function create(github: Github, notice: Notice, label: string, signal: AbortSignal): Promise<Receipt> {
  const { title, body } = githubText(notice);
  const { number } = await github.send("POST", "issues", { title, body, labels: [label, notice.severity] }, signal);
  // A test is of no use once it came.
  if (notice.transition === "test") await setState(github, String(number), "closed", signal);
  return { root: String(number), said: `#${number} created` };
}

/** Adds what `notice` says to the issue unless it stands there, and sets its state. */
async function comment(
  github: Github,
  notice: Notice,
  issue: string,
  { thread, signal }: { readonly thread: Thread; readonly signal: AbortSignal },
): Promise<string> {
  const isThere = thread.again && (await isPosted(github, notice.id, issue, signal));
  if (!isThere) await github.send("POST", `issues/${issue}/comments`, { body: githubText(notice).body }, signal);
  // Others of a digest may still be open.
  const stage = thread.folded || notice.transition === "test" ? "note" : stageOf(notice);
  if (stage === "close") await setState(github, issue, "closed", signal);
  if (stage === "open") await setState(github, issue, "open", signal);
  return isThere ? "stood there already" : "commented";
}

function setState(github: Github, issue: string, state: "open" | "closed", signal: AbortSignal) {
  const reason = state === "closed" ? { state_reason: "completed" } : {};
  return github.send("PATCH", `issues/${issue}`, { state, ...reason }, signal);
}

/** The newest of our issues that was made for the notice `id`. */
async function findIssue(github: Github, id: string, label: string, signal: AbortSignal): Promise<string | undefined> {
  const query = { labels: label, state: "all", sort: "created", direction: "desc", per_page: "100" };
  const issues = (await github.list("issues", query, signal)) as { number: number; body?: string | null }[];
  const issue = issues.find(({ body }) => body?.includes(markerOf(id)));
  return issue === undefined ? undefined : String(issue.number);
}

/** Whether the issue or one of its newest comments carries the notice `id`. */
async function isPosted(github: Github, id: string, issue: string, signal: AbortSignal): Promise<boolean> {
  const { body, comments } = await github.send("GET", `issues/${issue}`, undefined, signal);
  if (String(body).includes(markerOf(id))) return true;
  // Oldest first, so that the newest stand on the last page.
  const page = String(Math.max(1, Math.ceil(Number(comments) / 100)));
  const found = await github.list(`issues/${issue}/comments`, { per_page: "100", page }, signal);
  return (found as { body?: string }[]).some(({ body: text }) => text?.includes(markerOf(id)));
}
