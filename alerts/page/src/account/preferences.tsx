/** What one may set for oneself: language, look, how texts are shown, keys, password. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { savePreferences, send, session } from "../api";
import { locale, LOCALES, OWN_NAMES, t } from "../i18n";
import { enabled, setEnabled } from "../keys";
import type { Preferences } from "../types";
import { attempt } from "../ui/toast";

const THEMES = ["system", "light", "dark"] as const;

function Password() {
  const old = useSignal("");
  const fresh = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => send("POST", "/me/password", { current: old.value, new: fresh.value }), t("prefs.password_done"))) old.value = fresh.value = "";
  };
  return (
    <section class="panel">
      <h2>{t("prefs.password")}</h2>
      <form onSubmit={submit}>
        <input type="text" name="name" autocomplete="username" value={session.value?.user.name ?? ""} hidden readOnly />
        <label class="field">
          <span>{t("prefs.password_old")}</span>
          <input type="password" autocomplete="current-password" required value={old.value} onInput={(event) => (old.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t("prefs.password_new")}</span>
          <input
            type="password"
            autocomplete="new-password"
            minLength={12}
            required
            aria-describedby="password-help"
            value={fresh.value}
            onInput={(event) => (fresh.value = event.currentTarget.value)}
          />
        </label>
        <p class="hint" id="password-help">
          {t("prefs.password_help")}
        </p>
        <button type="submit">{t("prefs.password_submit")}</button>
      </form>
    </section>
  );
}

export function PreferencesPage() {
  const now: Preferences = session.value?.preferences ?? {};
  const set = (change: Preferences) => void attempt(() => savePreferences(change), t("app.saved"));
  useEffect(() => {
    document.title = `${t("prefs.title")} · Breakwater`;
  });
  return (
    <main id="content" class="narrow">
      <h1>{t("prefs.title")}</h1>
      <section class="panel">
        <h2>{t("prefs.look")}</h2>
        <label class="field">
          <span>{t("prefs.language")}</span>
          <select value={locale.value} onChange={(event) => set({ locale: event.currentTarget.value as "en" | "zh-Hans" })}>
            {LOCALES.map((one) => (
              <option key={one} value={one} lang={one}>
                {OWN_NAMES[one]}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="choices">
          <legend>{t("prefs.theme")}</legend>
          {THEMES.map((one) => (
            <label key={one} class="choice">
              <input type="radio" name="theme" checked={(now.theme ?? "system") === one} onChange={() => set({ theme: one })} />
              <span>{t(`prefs.theme.${one}`)}</span>
            </label>
          ))}
        </fieldset>
      </section>
      <section class="panel">
        <h2>{t("prefs.reading")}</h2>
        <label class="choice">
          <input type="checkbox" checked={now.blur ?? false} aria-describedby="blur-help" onChange={(event) => set({ blur: event.currentTarget.checked })} />
          <span>{t("prefs.blur")}</span>
        </label>
        <p class="hint indent" id="blur-help">
          {t("prefs.blur_help")}
        </p>
        <label class="choice">
          <input type="checkbox" checked={enabled.value} aria-describedby="keys-help" onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <span>{t("prefs.keys")}</span>
        </label>
        <p class="hint indent" id="keys-help">
          {t("prefs.keys_help")}
        </p>
      </section>
      {!session.value?.demo && <Password />}
    </main>
  );
}
