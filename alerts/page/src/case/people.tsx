/** Who: who may have set it off, where people came from, who acted in concert, who did what. */
import { useSignal } from "@preact/signals";
import { OF_PEOPLE, likelihood, named, number, percent, t } from "../i18n";
import { Id } from "../safe";
import { ROLES, type Role } from "../types";
import { RoleIcon } from "../ui/icons";
import { interval, type CaseState } from "./state";

function Account({ id, of }: { id: string; of: CaseState }) {
  return (
    <button type="button" class="link account" aria-pressed={of.account.value === id} onClick={() => (of.account.value = of.account.value === id ? null : id)}>
      <Id of={id} />
    </button>
  );
}

export function InstigatorsPanel({ of }: { of: CaseState }) {
  const { instigators } = of.case.value.alert;
  return (
    <section class="panel" aria-labelledby="who-title">
      <h2 id="who-title">{t("who.title")}</h2>
      {instigators.length === 0 ? (
        <p class="soft">{t("who.none")}</p>
      ) : (
        <>
          <p class="hint">{t("who.help")}</p>
          <ol class="instigators">
            {instigators.slice(0, 8).map((one) => (
              <li key={one.account}>
                <span class="line-name">
                  <RoleIcon role="instigator" /> <Account id={one.account} of={of} />
                </span>
                <span class="sub">
                  {t("who.score", { words: t(one.score >= 0.5 ? "who.strong" : one.score >= 0.2 ? "who.some" : "who.weak") })} · {percent(one.score)} ·{" "}
                  {t("who.first", { n: one.evidence.length })}
                </span>
                <span class="bar-line" aria-hidden="true">
                  <span style={{ inlineSize: percentOf(one.score) }} />
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

const percentOf = (share: number): string => `${Math.max(0, Math.min(100, share * 100))}%`;

export function SourcesPanel({ of }: { of: CaseState }) {
  const { alert } = of.case.value;
  const homes = of.evidence.value?.accounts.filter((one) => one.home).length;
  const n = homes || alert.participants.total;
  return (
    <section class="panel" aria-labelledby="from-title">
      <h2 id="from-title">{t("from.title")}</h2>
      {alert.sources.length === 0 ? (
        <p class="soft">{t("from.none")}</p>
      ) : (
        <>
          <p class="hint">{t("from.help")}</p>
          <ul class="sources">
            {alert.sources.slice(0, 8).map((one) => {
              const [low, high] = interval(one.share, n);
              return (
                <li key={one.community}>
                  <span class="line-name">
                    <Id of={one.community} />
                    <span class="lift">
                      {number(Math.round(one.lift * 10) / 10)} {t("from.lift")}
                    </span>
                  </span>
                  <span class="interval-bar" aria-hidden="true">
                    <span class="share" style={{ inlineSize: percentOf(one.share) }} />
                    <span class="whisker" style={{ insetInlineStart: percentOf(low), inlineSize: percentOf(high - low) }} />
                    <span class="expected" style={{ insetInlineStart: percentOf(one.expected) }} />
                  </span>
                  <span class="sub">{t("from.row", { share: percent(one.share), low: percent(low), high: percent(high), expected: percent(one.expected) })}</span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}

export function GroupsPanel({ of }: { of: CaseState }) {
  const { groups } = of.case.value.alert;
  if (groups.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="groups-title">
      <h2 id="groups-title">{t("net.groups")}</h2>
      <ul class="groups">
        {groups.slice(0, 6).map((one, at) => (
          <li key={at}>
            <details>
              <summary>{t("net.group", { n: at + 1, size: one.accounts.length, how: named("how", one.how) })}</summary>
              <p class="ids">
                {one.accounts.slice(0, 60).map((id) => (
                  <Account key={id} id={id} of={of} />
                ))}
              </p>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

const PAGE = 10;

export function RolesPanel({ of }: { of: CaseState }) {
  const shown = useSignal<Role | "all">("all");
  const most = useSignal(PAGE);
  const { alert } = of.case.value;
  const count = (role: Role) => alert.roles.filter((one) => one.role === role).length;
  const roles = alert.roles.filter((one) => shown.value === "all" || one.role === shown.value);
  const totals: Record<Role, number> = {
    attacker: alert.participants.attackers,
    defender: alert.participants.defenders,
    bystander: alert.participants.bystanders,
    instigator: count("instigator"),
  };
  return (
    <section class="panel" aria-labelledby="roles-title">
      <h2 id="roles-title">{t("roles.title")}</h2>
      {alert.roles.length === 0 ? (
        <p class="soft">{t(alert.verdict === "organic_surge" ? "roles.unnamed" : "roles.none")}</p>
      ) : (
        <>
          <p class="hint">{t("roles.help")}</p>
          <div class="segments" role="group" aria-label={t("net.role")}>
            <button type="button" aria-pressed={shown.value === "all"} onClick={() => (shown.value = "all")}>
              {t("events.all")}
            </button>
            {ROLES.map((role) => (
              <button
                key={role}
                type="button"
                aria-pressed={shown.value === role}
                onClick={() => {
                  shown.value = role;
                  most.value = PAGE;
                }}
              >
                <RoleIcon role={role} size={12} /> {t(`role.${role}s`)} {number(totals[role])}
              </button>
            ))}
          </div>
          <div class="table-wrap" tabIndex={0} role="group" aria-label={t("roles.title")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("net.account")}</th>
                  <th scope="col">{t("net.role")}</th>
                  <th scope="col">{t("net.confidence")}</th>
                  <th scope="col">{t("net.interactions")}</th>
                </tr>
              </thead>
              <tbody>
                {roles.slice(0, most.value).map((one) => (
                  <tr key={one.account}>
                    <th scope="row">
                      <Account id={one.account} of={of} />
                    </th>
                    <td class="nowrap">
                      <RoleIcon role={one.role} size={12} /> {t(`role.${one.role}`)}
                    </td>
                    <td class="nowrap">
                      {percent(one.confidence)} <span class="soft">{one.role === "bystander" ? "" : t(`score.${likelihood(one.confidence, OF_PEOPLE)}`)}</span>
                    </td>
                    <td>{number(one.events.length)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {roles.length > most.value && (
            <button type="button" class="more" onClick={() => (most.value += 5 * PAGE)}>
              {t("events.more", { n: Math.min(5 * PAGE, roles.length - most.value) })}
            </button>
          )}
        </>
      )}
    </section>
  );
}

