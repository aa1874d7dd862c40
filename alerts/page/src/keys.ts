/** Keys. One table for all; a page adds its own while it is open. Nothing fires while somebody types or a dialog is open. */
import { signal } from "@preact/signals";

export const enabled = signal(localStorage.getItem("breakwater.keys") !== "off");

export function setEnabled(wanted: boolean): void {
  enabled.value = wanted;
  localStorage.setItem("breakwater.keys", wanted ? "on" : "off");
}

export type Bindings = Record<string, () => void>;

const layers: Bindings[] = [];
const SEQUENCE_MS = 1_200;
let prefix = "";
let until = 0;

/** Adds keys; the newest layer wins. Sequences are written with a blank: `g q`. */
export function bind(bindings: Bindings): () => void {
  layers.push(bindings);
  return () => {
    const at = layers.indexOf(bindings);
    if (at >= 0) layers.splice(at, 1);
  };
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "submit"].includes(target.type);
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!enabled.peek() || typing(event.target) || document.querySelector("dialog[open]")) return;
  const sequence = prefix && event.timeStamp < until ? `${prefix} ${event.key}` : "";
  for (const name of sequence ? [sequence, event.key] : [event.key]) {
    for (let at = layers.length - 1; at >= 0; at--) {
      const action = layers[at]?.[name];
      if (!action) continue;
      prefix = "";
      event.preventDefault();
      action();
      return;
    }
  }
  prefix = layers.some((layer) => Object.keys(layer).some((name) => name.startsWith(`${event.key} `))) ? event.key : "";
  until = event.timeStamp + SEQUENCE_MS;
});
