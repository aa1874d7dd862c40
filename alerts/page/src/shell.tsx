/** What surrounds every page: where one can go, whether the stream is alive, who one is. */
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { may, session, signOut } from "./api";
import { ago, clockSeconds, t, type Key } from "./i18n";
import { place } from "./router";
import { connection, health, lastHeard, unfollow } from "./stream/client";
import { paused } from "./queue/store";
import { now } from "./ui/clock";
import { Icon } from "./ui/icons";
import { attempt } from "./ui/toast";

export const helpOpen = signal(false);

/** A short loss is repaired before anybody needs to hear of it. */
const lost = signal(false);
let lostTimer: ReturnType<typeof setTimeout> | undefined;
connection.subscribe((state) => {
  clearTimeout(lostTimer);
  if (state === "open") lost.value = false;
  else lostTimer = setTimeout(() => (lost.value = connection.peek() !== "open"), 3_000);
});

const trouble = computed<{ text: string; bad: boolean } | null>(() => {
  const status = health.value;
  if (lost.value) return { text: t("banner.offline", { time: clockSeconds(lastHeard.value) }), bad: true };
  if (!status) return null;
  const newest = status.newest_event === null ? t("app.unknown") : ago(status.newest_event, Math.max(now.value, status.now));
  if (status.feed === "away") return { text: t("banner.feed_away"), bad: true };
  if (status.silent) return { text: t("banner.silent", { ago: newest }), bad: true };
  if (status.stale) return { text: t("banner.stale", { ago: newest }), bad: false };
  return null;
});

function Banner() {
  const what = trouble.value;
  const waiting = health.value?.outbox ?? 0;
  return (
    <div role="status" aria-live="polite" class="banners">
      {what && (
        <p class={what.bad ? "banner bad" : "banner"}>
          <Icon name="warning" /> {what.text}
          {waiting > 0 && ` ${t("live.outbox", { n: waiting })}`}
        </p>
      )}
    </div>
  );
}

function Live() {
  const state = connection.value;
  const status = health.value;
  const troubled = trouble.value !== null;
  const word: Key = lost.value || state === "closed" ? "live.offline" : state === "connecting" ? "live.connecting" : paused.value ? "live.paused" : "live.live";
  const shape = word === "live.live" ? (troubled ? "warn" : "ok") : word === "live.paused" ? "held" : "off";
  return (
    <span
      class={`live ${shape}`}
      title={status?.newest_event ? t("live.behind", { ago: ago(status.newest_event, Math.max(now.value, status.now)) }) : undefined}
    >
      <span class="dot" aria-hidden="true" /> {t(word)}
    </span>
  );
}

function Link({ to, here, children }: { to: string; here: boolean; children: string }) {
  return (
    <li>
      <a href={to} aria-current={here ? "page" : undefined}>
        {children}
      </a>
    </li>
  );
}

/** Ends the session here and, through the shared stream, what other tabs hear. */
async function leave(): Promise<void> {
  unfollow();
  await attempt(signOut);
}

export function Header() {
  const me = session.value;
  const at = place.value.page;
  useEffect(() => {
    const close = (event: Event) => {
      const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
      if (menu && (event instanceof KeyboardEvent ? event.key === "Escape" : !menu.contains(event.target as Node))) {
        menu.open = false;
        if (event instanceof KeyboardEvent) menu.querySelector("summary")?.focus();
      }
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, []);
  return (
    <>
      <a class="skip" href="#content">
        {t("app.skip")}
      </a>
      <header class="top">
        <a href="/" class="brand" aria-label="Breakwater">
          <img src="/assets/icon.svg" alt="" width="22" height="22" />
          <span>Breakwater</span>
        </a>
        <nav aria-label={t("nav.main")}>
          <ul>
            <Link to="/" here={at === "queue" || at === "case"}>
              {t("nav.queue")}
            </Link>
            {may("admin") && (
              <>
                <Link to="/users" here={at === "users"}>
                  {t("nav.users")}
                </Link>
                <Link to="/audit" here={at === "audit"}>
                  {t("nav.audit")}
                </Link>
              </>
            )}
          </ul>
        </nav>
        {me?.demo && <span class="demo">{t("app.demo")}</span>}
        <span class="grow" />
        <Live />
        <button type="button" class="quiet icon-button" aria-label={t("nav.help")} title={`${t("nav.help")} (?)`} onClick={() => (helpOpen.value = true)}>
          <Icon name="help" size={18} />
        </button>
        <details class="menu">
          <summary aria-label={`${t("nav.account")}: ${me?.user.name ?? ""}`}>
            <Icon name="user" size={17} />
            <span class="me">{me?.user.name}</span>
          </summary>
          <div class="menu-body">
            <p>
              <strong>{me?.user.name}</strong>
              <br />
              <span class="soft">{me && t(`rank.${me.user.role}`)}</span>
            </p>
            <a href="/preferences" onClick={(event) => event.currentTarget.closest("details")?.removeAttribute("open")}>
              {t("nav.preferences")}
            </a>
            <button type="button" class="quiet" onClick={() => void leave()}>
              <Icon name="out" size={15} /> {t("nav.sign_out")}
            </button>
          </div>
        </details>
      </header>
      <Banner />
    </>
  );
}
