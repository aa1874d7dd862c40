/** Text from the firehose: hostile until shown as text. What cannot be seen, or turns the direction, is made visible. */
import type { JSX } from "preact";
import { t } from "./i18n";

// C0 and C1 controls but tab and line feed, soft hyphen, bidi marks, zero-width and invisible characters, tags, interlinear marks,
// halves of characters. A joiner between pictographs makes one of them and is left alone.
const HIDDEN = new RegExp(
  [
    "(?<!\\p{Extended_Pictographic}[\\ufe0f\\p{Emoji_Modifier}]?)\\u200d",
    "\\u200d(?!\\p{Extended_Pictographic})",
    "[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200c\\u200e\\u200f]",
    "[\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e007f}]",
  ].join("|"),
  "gu",
);

function code(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The same for places that take only strings: labels, titles. */
export function plain(text: string, most = 80): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(HIDDEN, (one) => `⟦${code(one)}⟧`).replace(/\s+/g, " ");
}

/** The text in pieces, hidden characters as marks. */
function visible(text: string): (string | JSX.Element)[] {
  const found: (string | JSX.Element)[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) found.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    found.push(
      <span class="hidden-character" title={t("id.control")} key={match.index}>
        {code(match[0])}
      </span>,
    );
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}

const LONGEST_ID = 80;

/** A name or id as the platform gave it. */
export function Id({ of, class: name }: { of: string; class?: string }) {
  const long = of.length > LONGEST_ID;
  return (
    <bdi dir="auto" class={name ? `id ${name}` : "id"} translate={false} title={long ? plain(of, 600) : undefined}>
      {of.trim() === "" ? <span class="hidden-character">{[...of].map(code).join(" ")}</span> : visible(long ? `${of.slice(0, LONGEST_ID)}…` : of)}
    </bdi>
  );
}

/** What somebody said. */
export function Text({ children }: { children: string }) {
  return (
    <bdi dir="auto" class="said" translate={false}>
      {visible(children)}
    </bdi>
  );
}
