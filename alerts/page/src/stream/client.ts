/** The tab's end of the stream: what came, handed on once a frame. */
import { signal } from "@preact/signals";
import { STREAM } from "../api";
import type { Health, Row } from "../types";
import type { Asked, Said } from "./messages";
import { Source } from "./source";

export const connection = signal<"connecting" | "open" | "closed">("closed");
export const health = signal<Health | null>(null);
/** When the newest message came, by this machine's clock. */
export const lastHeard = signal(Date.now());
/** How far the server's clock is ahead of this one's. */
export const clockSkew = signal(0);
export const serverNow = (): number => Date.now() + clockSkew.peek();

type Listener = { rows: (rows: Row[]) => void; reset: () => void };
const listeners = new Set<Listener>();

let waiting: string[] = [];
let framed = false;

function deliver(): void {
  framed = false;
  const newest = new Map<string, Row>();
  for (const data of waiting) {
    for (const row of (JSON.parse(data) as { rows: Row[] }).rows) {
      const before = newest.get(row.id);
      if (!before || row.seq >= before.seq) newest.set(row.id, row);
    }
  }
  waiting = [];
  const rows = [...newest.values()];
  for (const listener of listeners) listener.rows(rows);
}

function receive(said: Said): void {
  if (said.kind !== "state") lastHeard.value = Date.now();
  if (said.kind === "rows") {
    waiting.push(said.data);
    if (!framed) {
      framed = true;
      requestAnimationFrame(deliver);
    }
  } else if (said.kind === "status") {
    const status = JSON.parse(said.data) as Health;
    clockSkew.value = status.now - Date.now();
    health.value = status;
  } else if (said.kind === "reset") {
    for (const listener of listeners) listener.reset();
  } else {
    // What changed before the stream was open is in no event, so what is shown is asked for once more.
    const opened = said.state === "open" && connection.peek() !== "open";
    connection.value = said.state;
    if (opened) for (const listener of listeners) listener.reset();
  }
}

/** Tells of rows that changed; a reset means that some were missed, so all that is shown has to be asked for anew. */
export function listen(rows: Listener["rows"], reset: Listener["reset"]): () => void {
  const listener = { rows, reset };
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let ask: ((asked: Asked) => void) | undefined;

function connect(): (asked: Asked) => void {
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(__STREAM_WORKER__, { type: "module", name: "breakwater" });
    worker.port.onmessage = ({ data }: MessageEvent<Said>) => receive(data);
    return (asked) => worker.port.postMessage(asked);
  }
  return connectAlone();
}

/** Without shared workers: whichever tab holds the lock has the stream, the others hear it over a channel. */
function connectAlone(): (asked: Asked) => void {
  const channel = new BroadcastChannel("breakwater");
  const source = new Source(STREAM, (said) => {
    receive(said);
    channel.postMessage(said);
  });
  channel.onmessage = ({ data }: MessageEvent<Said>) => receive(data);
  let release: (() => void) | undefined;
  let abandon: AbortController | undefined;
  return ({ ask: wanted }) => {
    if (wanted === "open") {
      if (!("locks" in navigator)) return source.open();
      if (release || abandon) return;
      abandon = new AbortController();
      void navigator.locks
        .request("breakwater-stream", { signal: abandon.signal }, () => {
          source.open();
          return new Promise<void>((resolve) => {
            release = resolve;
          });
        })
        .catch(() => undefined);
    } else {
      source.close();
      abandon?.abort();
      release?.();
      abandon = release = undefined;
    }
  };
}

function look(): void {
  if (!ask) return;
  if (document.hidden) {
    ask({ ask: "leave" });
    connection.value = "connecting";
  } else ask({ ask: "open" });
}

/** Begins to follow; a tab that nobody looks at stops, and asks for everything anew when it is looked at again. */
export function follow(): void {
  if (!ask) {
    ask = connect();
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", () => ask?.({ ask: "leave" }));
    addEventListener("pageshow", (event) => {
      if (event.persisted) look();
    });
  }
  if (!document.hidden) ask({ ask: "open" });
}

export function unfollow(): void {
  ask?.({ ask: "close" });
}
