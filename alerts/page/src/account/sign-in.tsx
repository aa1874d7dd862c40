/** Signing in: by name and password, through a provider, or by a one-time link. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { explain, providerAddress, sessionEnded, signIn, signInByLink, signInOptions } from "../api";
import { locale, LOCALES, OWN_NAMES, setLocale, t, type Locale } from "../i18n";
import { go, place } from "../router";
import { Loading } from "../ui/states";

function Languages() {
  return (
    <label class="languages">
      <span class="visually-hidden">{t("signin.language")}</span>
      <select value={locale.value} onChange={(event) => setLocale(event.currentTarget.value as Locale)}>
        {LOCALES.map((one) => (
          <option key={one} value={one} lang={one}>
            {OWN_NAMES[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Local() {
  const name = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const wrong = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    wrong.value = "";
    try {
      await signIn(name.value, password.value);
      if (location.pathname === "/sign-in" || location.pathname === "/enter") go("/", true);
    } catch (error) {
      wrong.value = explain(error);
      password.value = "";
    }
    busy.value = false;
  };
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>{t("signin.name")}</span>
        <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t("signin.password")}</span>
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password.value}
          onInput={(event) => (password.value = event.currentTarget.value)}
        />
      </label>
      <p class="wrong" role="alert">
        {wrong.value}
      </p>
      <button type="submit" class="primary full" disabled={busy.value}>
        {t("signin.submit")}
      </button>
    </form>
  );
}

/** Takes the token out of the address before anything else can see it. */
function Enter({ failed }: { failed: () => void }) {
  useEffect(() => {
    const token = location.hash.slice(1);
    history.replaceState(null, "", "/enter");
    signInByLink(token).then(() => go("/", true), failed);
  }, []);
  return <Loading what={t("signin.entering")} />;
}

export function SignInPage() {
  const failed = useSignal(false);
  const { providers, local } = signInOptions.value;
  const entering = place.value.page === "enter" && !failed.value && location.hash.length > 1;
  useEffect(() => {
    document.title = `${t("signin.title")} · Breakwater`;
  });
  return (
    <div class="sign-in">
      <main id="content">
        <div class="card">
          <div class="sign-in-brand">
            <img src="/assets/icon.svg" alt="" width="40" height="40" />
            <div>
              <strong>Breakwater</strong>
              <span>{t("signin.lead")}</span>
            </div>
          </div>
          <h1>{t("signin.title")}</h1>
          {entering ? (
            <Enter failed={() => (failed.value = true)} />
          ) : (
            <>
              {failed.value && (
                <p class="banner bad" role="alert">
                  {t("signin.link_failed")}
                </p>
              )}
              {sessionEnded.value && <p class="banner">{t("signin.ended")}</p>}
              {local && <Local />}
              {local && providers.length > 0 && <p class="or">{t("signin.or")}</p>}
              {providers.map((one) => (
                <a key={one.id} class="button full" href={providerAddress(one.id)}>
                  {t("signin.with", { provider: one.name })}
                </a>
              ))}
            </>
          )}
        </div>
        <Languages />
      </main>
    </div>
  );
}
