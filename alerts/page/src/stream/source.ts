/** One connection to the server's events, tried again with growing pauses. */
import type { Said } from "./messages";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** The server speaks at least every few seconds; a connection that says nothing for longer is dead. */
const SILENCE_MS = 25_000;

export class Source {
  #events: EventSource | null = null;
  #pause = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  state: "connecting" | "open" | "closed" = "closed";

  constructor(
    private readonly address: string,
    private readonly tell: (said: Said) => void,
  ) {}

  open(): void {
    if (this.#events || this.#timer !== undefined) return;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#timer = undefined;
    this.#events?.close();
    this.#events = null;
    this.#say("closed");
  }

  #say(state: "connecting" | "open" | "closed"): void {
    this.state = state;
    this.tell({ kind: "state", state });
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#retry(), SILENCE_MS);
  }

  #connect(): void {
    this.#timer = undefined;
    const events = new EventSource(this.address);
    this.#events = events;
    this.#say("connecting");
    this.#heard();
    events.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#heard();
      this.#say("open");
    };
    events.addEventListener("alert", (event) => {
      this.#heard();
      this.tell({ kind: "rows", data: event.data as string });
    });
    events.addEventListener("status", (event) => {
      this.#heard();
      this.tell({ kind: "status", data: event.data as string });
    });
    events.addEventListener("reset", () => {
      this.#heard();
      this.tell({ kind: "reset" });
    });
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) this.#retry();
      else this.#say("connecting");
    };
  }

  #retry(): void {
    clearTimeout(this.#silence);
    this.#events?.close();
    this.#events = null;
    this.#say("connecting");
    this.#timer = setTimeout(() => this.#connect(), this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
  }
}
