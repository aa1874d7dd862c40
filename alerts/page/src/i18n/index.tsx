/** The language of the page: catalogues, and numbers, dates and durations as that language writes them. */
import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { en } from "./en";
import { fill, pieces, type Language, type Values } from "./format";
import { ORGANIC, PILE_ON } from "../limits";
import { zhHans } from "./zh-Hans";

export type Locale = "en" | "zh-Hans";
export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, string>>;

const CATALOGUES: Record<Locale, Catalogue> = { en, "zh-Hans": zhHans };
export const LOCALES: readonly Locale[] = ["en", "zh-Hans"];
export const OWN_NAMES: Record<Locale, string> = { en: "English", "zh-Hans": "简体中文" };

function preferred(): Locale {
  const kept = localStorage.getItem("breakwater.locale");
  if (kept === "en" || kept === "zh-Hans") return kept;
  return navigator.languages.some((one) => /^zh\b/i.test(one)) && /^zh\b/i.test(navigator.language) ? "zh-Hans" : "en";
}

export const locale = signal<Locale>(preferred());

const tools = computed(() => {
  const tag = locale.value === "en" ? englishTag() : "zh-Hans-CN";
  return {
    plural: new Intl.PluralRules(tag),
    number: new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }),
    fine: new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    signed: new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }),
    percent: new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 }),
    clock: new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    seconds: new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
    full: new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
    moment: new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    ago: new Intl.RelativeTimeFormat(tag, { numeric: "always", style: "short" }),
  };
});

/** British and other Englishes keep their own way of writing dates. */
function englishTag(): string {
  return /^en\b/i.test(navigator.language) ? navigator.language : "en-GB";
}

function language(): Language {
  return tools.value;
}

export function setLocale(wanted: Locale): void {
  locale.value = wanted;
  localStorage.setItem("breakwater.locale", wanted);
  document.documentElement.lang = wanted;
}
document.documentElement.lang = locale.peek();

/** The template of a message. Codes that came from outside may be of no message; they stand for themselves, rather than break the page. */
function template(key: Key): string {
  return known(key) ? CATALOGUES[locale.value][key] : String(key).replace(/^[^.]*\./, "");
}

/** A message in the language in force. */
export function t(key: Key, values: Values = {}): string {
  return fill(template(key), values, language());
}

/** A message into which something more than text is put, such as an account's name. */
export function rich(key: Key, values: Values, inside: Record<string, ComponentChildren>): ComponentChildren {
  const open = new Set(Object.keys(inside));
  return pieces(template(key), values, language(), open).map((piece, at) =>
    typeof piece === "string" ? piece : <span key={at}>{inside[piece.slot]}</span>,
  );
}

/** Whether the catalogues have a message; codes come from outside and may be newer than the page. */
export function known(key: string): key is Key {
  return Object.hasOwn(en, key);
}

/** The message of a code within a family (`severity.high`), or the code itself where it is not known. */
export function named(family: string, code: string): string {
  const key = `${family}.${code}`;
  return known(key) ? t(key) : code.replaceAll("_", " ");
}

export const number = (value: number): string => tools.value.number.format(value);
export const fine = (value: number): string => tools.value.fine.format(value);
export const signed = (value: number): string => tools.value.signed.format(value);
export const percent = (share: number): string => tools.value.percent.format(share);
export const clock = (ms: number): string => tools.value.clock.format(ms);
export const clockSeconds = (ms: number): string => tools.value.seconds.format(ms);
export const moment = (ms: number): string => tools.value.moment.format(ms);
export const fullTime = (ms: number): string => tools.value.full.format(ms);

/** A span of time in its largest sensible unit. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t("span.seconds", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return t("span.minutes", { n: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return t("span.hours", { n: hours });
  return t("span.days", { n: Math.round(hours / 24) });
}

/** How long ago, or in how long. */
export function ago(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return t("span.now");
  if (size < 60) return tools.value.ago.format(seconds, "second");
  if (size < 3600) return tools.value.ago.format(Math.round(seconds / 60), "minute");
  if (size < 86_400 * 2) return tools.value.ago.format(Math.round(seconds / 3600), "hour");
  return tools.value.ago.format(Math.round(seconds / 86_400), "day");
}

export type Likelihood = "very_likely" | "likely" | "doubtful" | "unlikely" | "very_unlikely";

type Limits = readonly [veryLikely: number, likely: number, doubtful: number, unlikely: number];

/** Of the score of a crowd. */
const OF_CROWDS: Limits = [0.98, PILE_ON, ORGANIC, 0.05];
/** Of what is said of a person. */
export const OF_PEOPLE: Limits = [0.9, 0.65, 0.3, 0.05];

/** What a probability means in words. */
export function likelihood(share: number, [veryLikely, likely, doubtful, unlikely]: Limits = OF_CROWDS): Likelihood {
  if (share >= veryLikely) return "very_likely";
  if (share >= likely) return "likely";
  if (share > doubtful) return "doubtful";
  if (share > unlikely) return "unlikely";
  return "very_unlikely";
}
