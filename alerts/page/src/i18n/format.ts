/** Message templates: `{n}` is a value, `{n:one=# person|other=# people}` picks by the plural rules of the language. */

export type Values = Record<string, string | number>;

export interface Language {
  plural: Intl.PluralRules;
  number: Intl.NumberFormat;
}

const SLOT = /\{(\w+)(?::([^{}]+))?\}/g;

/** The pieces of a message: text as it is, and the places where a value that is more than text goes. */
export type Piece = string | { slot: string };

function choose(branches: string, value: number, language: Language): string {
  const rule = language.plural.select(value);
  let other = "";
  for (const branch of branches.split("|")) {
    const at = branch.indexOf("=");
    const name = branch.slice(0, at);
    const text = branch.slice(at + 1);
    if (name === rule || name === String(value)) return text.replaceAll("#", language.number.format(value));
    if (name === "other") other = text;
  }
  return other.replaceAll("#", language.number.format(value));
}

/** Cuts a template into pieces; slots named in `open` stay open for the caller to fill. */
export function pieces(template: string, values: Values, language: Language, open: ReadonlySet<string>): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of template.matchAll(SLOT)) {
    const [whole, name, branches] = match as unknown as [string, string, string | undefined];
    if (match.index > from) found.push(template.slice(from, match.index));
    from = match.index + whole.length;
    const value = values[name];
    if (open.has(name)) found.push({ slot: name });
    else if (branches !== undefined) found.push(choose(branches, Number(value ?? 0), language));
    else found.push(typeof value === "number" ? language.number.format(value) : (value ?? ""));
  }
  if (from < template.length) found.push(template.slice(from));
  return found;
}

const NONE: ReadonlySet<string> = new Set();

export function fill(template: string, values: Values, language: Language): string {
  return pieces(template, values, language, NONE).join("");
}
