/** The queue: what needs a person now, the worst and newest first. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { acted, bindActions } from "../actions";
import { alertPath, get } from "../api";
import { t } from "../i18n";
import { bind } from "../keys";
import { caseAddress, go } from "../router";
import type { Case, Row } from "../types";
import { Icon } from "../ui/icons";
import { Failure, Loading } from "../ui/states";
import { Filters } from "./filters";
import { CaseRow } from "./row";
import * as store from "./store";

const TOUCH_MS = 4_000;

/** Where one was, so that coming back from a case one is there again. */
let lastId = "";

function links(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>(".case-row .row-link")];
}

function step(by: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLAnchorElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  next?.focus();
  next?.closest("li")?.scrollIntoView({ block: "nearest" });
}

function atHand(): Row | null {
  const id = document.activeElement?.closest<HTMLElement>(".case-row")?.dataset.id;
  return store.shown.peek().find((one) => one.peek().id === id)?.peek() ?? null;
}

function Pill() {
  const fresh = store.newOnes.value;
  const changed = store.changedOnes.value;
  const moved = store.reordered.value || store.left.value.size > 0;
  const words = [
    fresh ? t("queue.new", { n: fresh }) : "",
    changed && !fresh ? t("queue.changed", { n: changed }) : "",
    !fresh && !changed && moved ? t("queue.reorder") : "",
  ].filter(Boolean);
  return (
    <div class="pill-place">
      <span class="visually-hidden" aria-live="polite">
        {fresh ? t("queue.new", { n: fresh }) : ""}
      </span>
      {words.length > 0 && (
        <button type="button" class={fresh ? "pill fresh" : "pill"} onClick={() => store.apply()}>
          <Icon name="up" size={14} /> {words.join(" · ")}
        </button>
      )}
    </div>
  );
}

function Columns() {
  const names = ["case", "severity", "score", "crowd", "why", "state", "who", "do"] as const;
  return (
    <div class="columns" aria-hidden="true">
      {names.map((name) => (
        <span key={name} class={`cell ${name}`}>
          {t(`queue.col.${name}`)}
        </span>
      ))}
    </div>
  );
}

export function QueuePage() {
  const list = useRef<HTMLOListElement>(null);
  const busy = useSignal(false);
  const touched = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    document.title = `${t("queue.title")} · Breakwater`;
    if (store.shown.peek().length === 0) void store.load();
    else {
      void store.load(true);
      links()
        .find((link) => link.closest<HTMLElement>("li")?.dataset.id === lastId)
        ?.focus();
    }
    const stop = bind({
      j: () => step(1),
      k: () => step(-1),
      o: () => atHand() && go(caseAddress(atHand()?.id ?? "")),
      p: () => store.pause(!store.paused.peek()),
      ".": () => store.apply(),
      "/": () => document.querySelector<HTMLInputElement>("#queue-search")?.focus(),
    });
    const stopActions = bindActions(atHand);
    return () => {
      stop();
      stopActions();
      store.pointed.value = store.focused.value = false;
    };
  }, []);
  // An action of one's own shows at once, without waiting for the stream.
  useEffect(
    () =>
      acted.subscribe((count) => {
        const row = atHand();
        if (count && row) void get<Case>(alertPath(row.id)).then((found) => store.put(found.row), () => undefined);
      }),
    [],
  );
  const rows = store.shown.value;
  // The focus stays with its case when the order is brought up to date on demand.
  useLayoutEffect(() => {
    if (!list.current?.contains(document.activeElement)) return;
    const now = document.activeElement?.closest<HTMLElement>("li")?.dataset.id;
    if (now !== lastId) links().find((link) => link.closest<HTMLElement>("li")?.dataset.id === lastId)?.focus({ preventScroll: true });
  }, [rows]);
  const failure = store.failure.value;
  return (
    <main id="content" class="queue">
      <div class="queue-head">
        <h1>{t("queue.title")}</h1>
        <span class="total" data-testid="total">
          {t("queue.total", { n: store.total.value })}
        </span>
        <Pill />
        <button
          type="button"
          class="pause"
          aria-pressed={store.paused.value}
          title={t("queue.pause_help")}
          onClick={() => store.pause(!store.paused.value)}
        >
          <Icon name={store.paused.value ? "play" : "pause"} size={14} />
          {t(store.paused.value ? "queue.resume" : "queue.pause")}
        </button>
      </div>
      <Filters />
      {failure ? (
        <Failure error={failure} again={() => void store.load()} />
      ) : store.loading.value && rows.length === 0 ? (
        <Loading />
      ) : rows.length === 0 ? (
        <div class="empty">
          <p>{t("queue.empty")}</p>
          <p class="soft">{t("queue.empty_help")}</p>
          <button type="button" onClick={store.clearQuery}>
            {t("queue.clear")}
          </button>
        </div>
      ) : (
        <>
          <Columns />
          <ol
            ref={list}
            class="rows"
            aria-label={t("queue.list")}
            onPointerEnter={(event) => {
              if (event.pointerType === "mouse") store.pointed.value = true;
            }}
            onPointerDown={(event) => {
              // A finger does not hover: what it touches must not move away from under it.
              if (event.pointerType === "mouse") return;
              store.pointed.value = true;
              clearTimeout(touched.current);
              touched.current = setTimeout(() => (store.pointed.value = false), TOUCH_MS);
            }}
            onPointerLeave={(event) => {
              if (event.pointerType === "mouse") store.pointed.value = false;
            }}
            onFocusIn={(event) => {
              store.focused.value = true;
              lastId = (event.target as Element).closest<HTMLElement>("li")?.dataset.id ?? lastId;
            }}
            onFocusOut={(event) => {
              if (!list.current?.contains(event.relatedTarget as Node | null) && !document.querySelector("dialog[open]"))
                store.focused.value = false;
            }}
          >
            {/* Places stay, cases move through them: a new order then writes texts anew and builds nothing. */}
            {rows.map((row, at) => (
              <CaseRow key={at} of={row} />
            ))}
          </ol>
          <div class="below">
            {store.more.value ? (
              <button
                type="button"
                aria-busy={busy.value}
                onClick={async () => {
                  busy.value = true;
                  await store.showMore();
                  busy.value = false;
                }}
              >
                {t("queue.more", { n: store.PAGE })}
              </button>
            ) : (
              <span class="soft">{t("queue.all_shown")}</span>
            )}
          </div>
        </>
      )}
    </main>
  );
}
