import fc from "fast-check";

/** Text as an attacker would name a token: markup, links, mentions and commands of every messenger, and what hides them. */
export const nastyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...[
        "<!channel>",
        "<!here|x>",
        "<@U012>",
        "<#C012>",
        "<https://evil.example|safe>",
        "*b*",
        "_i_",
        "~s~",
        "`c`",
        "```",
      ],
      ...[
        "@everyone",
        "@here",
        "<@!123>",
        "<@&5>",
        "<:e:1>",
        "<t:1>",
        "||s||",
        "[x](https://evil.example)",
        "# h",
        "> q",
      ],
      ...[
        "https://evil.example/a?b",
        "evil.example",
        "evil。example",
        "discord.gg/x",
        "t.me/x",
        "a@evil.example",
        "www.evil.co",
      ],
      ...[
        "<b>",
        "</pre>",
        "</code>",
        "<a href='http://x.yz'>",
        "&lt;",
        "&#64;everyone",
        "/start",
        "#tag",
        "$AAVE",
        "@bot",
      ],
      ...[
        "![i](http://x.yz/i.png)",
        "<!-- x -->",
        "<script>",
        "\\",
        "\\\\",
        ":smile:",
        "- l",
        "1. l",
        "|",
        "#1",
        "org/repo#1",
      ],
      ...[
        "\n",
        "\r\nBcc: x@evil.example",
        "\r",
        "\u2028",
        "\n.\n",
        "\u001b[2J",
        "\u0000",
        "\u202e",
        "\u200b",
        "\ud800",
        "e\u0301\u0301\u0301",
      ],
      ...["{{x}}", "$" + "{x}", "%s", "'; --", '"', "tg://user?id=1", "javascript:alert(1)", "xn--80ak6aa92e.com"],
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
  ),
  maxLength: 40,
});

const patterns: readonly RegExp[] = [
  /[a-z][a-z0-9+.-]*:\/\//giu,
  /(?:[\p{L}\p{N}-]+[.。．｡])+(?:\p{L}{2,}|xn--[a-z0-9-]+)/gu,
  /[@＠][\p{L}\p{N}_]/gu,
  // Controls, bidirectional overrides and the like, line breaks apart.
  /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
];

/** What a messenger's client makes a link or a mention of in plain text, and what could hide it. */
export function linkedIn(text: string): string[] {
  return patterns.flatMap((pattern) => text.match(pattern) ?? []);
}
