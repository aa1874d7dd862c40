/** The colours of the theme in force, for what is drawn on a canvas. */
import { signal } from "@preact/signals";

/** Counts changes of the theme. */
export const paletteChanges = signal(0);

const kept = new Map<string, string>();

export function token(name: string): string {
  let value = kept.get(name);
  if (value === undefined) kept.set(name, (value = getComputedStyle(document.documentElement).getPropertyValue(name).trim()));
  return value;
}

function changed(): void {
  kept.clear();
  paletteChanges.value += 1;
}

matchMedia("print").addEventListener("change", changed);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
