/** Who may use the console, and as what. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, send, session } from "../api";
import { t } from "../i18n";
import type { Rank, User } from "../types";
import { Failure, Loading } from "../ui/states";
import { attempt } from "../ui/toast";

const RANKS: readonly Rank[] = ["viewer", "analyst", "admin"];

function Add({ added }: { added: () => void }) {
  const name = useSignal("");
  const role = useSignal<Rank>("analyst");
  const password = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = { name: name.value, role: role.value, password: password.value };
    if (await attempt(() => send("POST", "/users", wanted), t("users.added", { name: name.value }))) {
      name.value = password.value = "";
      added();
    }
  };
  return (
    <section class="panel">
      <h2>{t("users.add")}</h2>
      <form class="row-form" onSubmit={submit}>
        <label class="field">
          <span>{t("users.name")}</span>
          <input required maxLength={100} autocomplete="off" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t("users.role")}</span>
          <select value={role.value} onChange={(event) => (role.value = event.currentTarget.value as Rank)}>
            {RANKS.map((one) => (
              <option key={one} value={one}>
                {t(`rank.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("users.password")}</span>
          <input
            type="password"
            autocomplete="new-password"
            required
            minLength={12}
            aria-describedby="new-password-help"
            value={password.value}
            onInput={(event) => (password.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          {t("users.add")}
        </button>
      </form>
      <p class="hint" id="new-password-help">
        {t("users.password_help")} {t("users.help")}
      </p>
    </section>
  );
}

export function UsersPage() {
  const users = useSignal<User[] | null>(null);
  const failure = useSignal<unknown>(null);
  const load = async () => {
    try {
      const found = await get<User[] | { users: User[] }>("/users");
      users.value = Array.isArray(found) ? found : found.users;
      failure.value = null;
    } catch (error) {
      failure.value = error;
    }
  };
  useEffect(() => {
    document.title = `${t("users.title")} · Breakwater`;
    void load();
  }, []);
  const change = async (user: User, what: Partial<User>) => {
    await attempt(() => send("PATCH", `/users/${encodeURIComponent(user.id)}`, what), t("users.changed", { name: user.name }));
    await load();
  };
  return (
    <main id="content" class="medium">
      <h1>{t("users.title")}</h1>
      {failure.value ? (
        <Failure error={failure.value} again={load} />
      ) : users.value === null ? (
        <Loading />
      ) : (
        <div class="table-wrap" tabIndex={0} role="group" aria-label={t("users.title")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("users.name")}</th>
                <th scope="col">{t("users.role")}</th>
                <th scope="col">{t("users.status")}</th>
                <th scope="col">
                  <span class="visually-hidden">{t("users.disable")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.value.map((user) => {
                const me = user.id === session.value?.user.id;
                return (
                  <tr key={user.id} class={user.disabled ? "off" : ""}>
                    <th scope="row">
                      <bdi>{user.name}</bdi> {me && <span class="soft">({t("app.you")})</span>}
                    </th>
                    <td>
                      <select
                        value={user.role}
                        disabled={me}
                        aria-label={t("users.role_of", { name: user.name })}
                        onChange={(event) => void change(user, { role: event.currentTarget.value as Rank })}
                      >
                        {RANKS.map((one) => (
                          <option key={one} value={one}>
                            {t(`rank.${one}`)}
                          </option>
                        ))}
                      </select>
                    </td>
                    <td>{t(user.disabled ? "users.disabled" : "users.active")}</td>
                    <td class="end">
                      {!me && (
                        <button
                          type="button"
                          aria-label={t(user.disabled ? "users.enable_of" : "users.disable_of", { name: user.name })}
                          onClick={() => void change(user, { disabled: !user.disabled })}
                        >
                          {t(user.disabled ? "users.enable" : "users.disable")}
                        </button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <Add added={() => void load()} />
      <section class="panel">
        <dl class="ranks">
          {RANKS.map((one) => (
            <div key={one}>
              <dt>{t(`rank.${one}`)}</dt>
              <dd>{t(`rank.${one}.help`)}</dd>
            </div>
          ))}
        </dl>
      </section>
    </main>
  );
}
