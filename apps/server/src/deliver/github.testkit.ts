// GitHub's issues as its REST documentation has them: create, comment, close, list by label, and both kinds of rate limit.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { type GithubOptions, githubChannel } from "./githubChannel.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";

const token = "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789ABCDEFGHIJ";

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly comments: string[];
  state: "open" | "closed";
}

export interface GithubBench extends ChannelBench {
  readonly service: Service;
  readonly issues: Issue[];
  refusal: Reply | undefined;
}

export async function openGithubBench(options: Partial<GithubOptions> = {}): Promise<GithubBench> {
  const issues: Issue[] = [];
  const bench = { refusal: undefined as Reply | undefined };
  const no = (status: number, message: string): Reply => ({ status, body: { message, status: String(status) } });
  const handle = ({ method, path, query, json, headers }: Asked): Reply => {
    if (bench.refusal !== undefined) return bench.refusal;
    if (headers.authorization !== `Bearer ${token}`) return no(401, "Bad credentials");
    if (headers["user-agent"] === undefined || headers["x-github-api-version"] !== "2022-11-28")
      return no(403, "Forbidden");
    const [, rest] = path.match(/^\/repos\/acme\/alerts\/issues(.*)$/) ?? [];
    if (rest === undefined) return no(404, "Not Found");
    if (rest === "" && method === "POST") {
      if (!json.title || json.title.length > 256 || json.body.length > 65_536) return no(422, "Validation Failed");
      const issue: Issue = { ...json, number: issues.length + 1, comments: [], state: "open" };
      issues.push(issue);
      return { status: 201, body: { number: issue.number } };
    }
    if (rest === "") {
      const wanted = issues.filter(({ labels }) => labels.includes(query.get("labels")!)).reverse();
      return { status: 200, body: wanted.slice(0, Number(query.get("per_page"))) };
    }
    const [, number, verb] = rest.match(/^\/(\d+)(\/comments)?$/) ?? [];
    const issue = issues[Number(number) - 1];
    if (issue === undefined) return no(410, "This issue was deleted");
    if (verb !== undefined && method === "POST") {
      if (json.body.length > 65_536) return no(422, "Validation Failed");
      issue.comments.push(json.body);
      return { status: 201, body: { id: issue.comments.length } };
    }
    if (verb !== undefined) {
      const from = (Number(query.get("page")) - 1) * 100;
      return { status: 200, body: issue.comments.slice(from, from + 100).map((body) => ({ body })) };
    }
    if (method === "PATCH") Object.assign(issue, { state: json.state });
    return { status: 200, body: { ...issue, comments: issue.comments.length } };
  };
  const service = await openService(handle, {
    rateLimited: () => ({
      status: 403,
      headers: {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000) + 1_200),
      },
      body: { message: "API rate limit exceeded for user ID 1." },
    }),
    isReading: ({ method }) => method === "GET",
  });
  const channel = githubChannel({ name: "github", token, repository: "acme/alerts", baseUrl: service.url, ...options });
  return Object.assign(bench, {
    channel,
    service,
    issues,
    secrets: [token],
    threads: () => issues.map(({ body, comments }) => [body, ...comments]),
    active: () =>
      issues.flatMap(({ title, body, comments }) => [...inTitle(title), ...[body, ...comments].flatMap(inBody)]),
    breakNext: service.breakNext,
    close: service.close,
  });
}

function inTitle(title: string): string[] {
  return [...linkedIn(title), ...(title.match(/`/g) ?? [])];
}

/** What of a text stands outside of its fenced block, our marker apart; and what in it clients could link. */
function inBody(body: string): string[] {
  const [, marker, fence, text, rest] =
    body.match(/^(<!-- testudo 0x[0-9a-f]{64} -->)\n(`{3,})text\n([\s\S]*?)\n\2(?!`)([\s\S]*)$/) ?? [];
  if (marker === undefined || fence === undefined) return ["no fence"];
  return [...linkedIn(text!), ...(rest!.trim() === "" ? [] : [rest!])];
}
