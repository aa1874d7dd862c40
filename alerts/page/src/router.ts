/** Addresses of the page. They carry ids only. */
import { signal } from "@preact/signals";

export type Place =
  | { page: "queue" }
  | { page: "case"; id: string }
  | { page: "users" }
  | { page: "audit" }
  | { page: "preferences" }
  | { page: "enter" }
  | { page: "unknown" };

function read(): Place {
  const [, first = "", second = "", ...rest] = location.pathname.split("/");
  if (rest.length === 0) {
    if (first === "" || first === "sign-in") return { page: "queue" };
    if (first === "cases" && second) {
      try {
        return { page: "case", id: decodeURIComponent(second) };
      } catch {
        return { page: "unknown" };
      }
    }
    if (!second && (first === "users" || first === "audit" || first === "preferences" || first === "enter"))
      return { page: first };
  }
  return { page: "unknown" };
}

export const place = signal<Place>(read());
export const caseAddress = (id: string): string => `/cases/${encodeURIComponent(id)}`;

export function go(address: string, replace = false): void {
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.value = read();
  if (!replace) scrollTo(0, 0);
}

addEventListener("popstate", () => {
  place.value = read();
});

/** Links within the page go through here, so that the stream and what is open stay. */
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/assets/") || link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
