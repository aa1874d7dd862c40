/** The page: who is signed in decides what there is; the address decides what is shown. */
import { render } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { SignInPage } from "./account/sign-in";
import { PreferencesPage } from "./account/preferences";
import { ActionDialogs } from "./actions";
import { AuditPage } from "./admin/audit";
import { UsersPage } from "./admin/users";
import { loadSession, may, session } from "./api";
import { CasePage } from "./case/page";
import { Help } from "./help";
import { t } from "./i18n";
import { bind } from "./keys";
import { QueuePage } from "./queue/page";
import { go, place } from "./router";
import { Header, helpOpen } from "./shell";
import { follow } from "./stream/client";
import { Failure, Loading } from "./ui/states";
import { Toasts } from "./ui/toast";

function Page() {
  const at = place.value;
  switch (at.page) {
    case "queue":
      return <QueuePage />;
    case "case":
      return <CasePage id={at.id} key={at.id} />;
    case "preferences":
      return <PreferencesPage />;
    case "users":
      return may("admin") ? <UsersPage /> : <Unknown />;
    case "audit":
      return may("admin") ? <AuditPage /> : <Unknown />;
    default:
      return <Unknown />;
  }
}

function Unknown() {
  return (
    <main id="content" class="narrow">
      <div class="empty">
        <h1>{t("app.not_found")}</h1>
        <a href="/">{t("app.to_queue")}</a>
      </div>
    </main>
  );
}

function Inside() {
  useEffect(() => {
    follow();
    if (place.peek().page === "enter") go("/", true);
    return bind({
      "?": () => (helpOpen.value = true),
      "g q": () => go("/"),
      "g p": () => go("/preferences"),
      "g u": () => may("admin") && go("/users"),
      "g l": () => may("admin") && go("/audit"),
    });
  }, []);
  return (
    <>
      <Header />
      <Page />
      <ActionDialogs />
      <Help />
      <Toasts />
    </>
  );
}

function App() {
  const ready = useSignal(false);
  const failure = useSignal<unknown>(null);
  const load = () =>
    loadSession().then(
      () => {
        ready.value = true;
        failure.value = null;
      },
      (error: unknown) => (failure.value = error),
    );
  useEffect(() => void load(), []);
  if (failure.value)
    return (
      <main id="content" class="narrow">
        <h1 class="visually-hidden">Breakwater</h1>
        <Failure error={failure.value} again={load} />
      </main>
    );
  if (!ready.value)
    return (
      <main id="content" class="narrow">
        <h1 class="visually-hidden">Breakwater</h1>
        <Loading />
      </main>
    );
  return session.value ? <Inside key={session.value.user.id} /> : <SignInPage />;
}

const root = document.getElementById("page");
if (root) render(<App />, root);
