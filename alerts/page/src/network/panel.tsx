/** The network picture with its timeline, its legend, and the same as a table. */
import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Timeline } from "../case/timeline";
import type { CaseState } from "../case/state";
import { clockSeconds, number, percent, t } from "../i18n";
import { Id, plain } from "../safe";
import { ROLES } from "../types";
import { Icon, RoleIcon } from "../ui/icons";
import { NetworkCanvas } from "./canvas";
import { visibleAt, type Layers } from "./draw";
import { modelOf, ROLE_CODES, type Model } from "./model";

const ROWS = 25;

function counted(model: Model, seen: number): number[] {
  const found = [0, 0, 0, 0];
  for (let one = 0; one < seen; one++) {
    const role = model.role[one] ?? 0;
    found[role] = (found[role] ?? 0) + 1;
  }
  return found;
}

function People({ of, model }: { of: CaseState; model: Model }) {
  const page = useSignal(0);
  const seen = visibleAt(model, of.at.value);
  const pages = Math.max(1, Math.ceil(seen / ROWS));
  const at = Math.min(page.value, pages - 1);
  const rows = Array.from({ length: Math.min(ROWS, seen - at * ROWS) }, (_, offset) => at * ROWS + offset);
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="group" aria-label={t("net.table_caption", { time: clockSeconds(of.at.value) })}>
        <table>
          <caption class="visually-hidden">{t("net.table_caption", { time: clockSeconds(of.at.value) })}</caption>
          <thead>
            <tr>
              <th scope="col">{t("net.account")}</th>
              <th scope="col">{t("net.role")}</th>
              <th scope="col">{t("net.home")}</th>
              {model.timed && <th scope="col">{t("net.came")}</th>}
              <th scope="col">{t("net.interactions")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => {
              const account = model.accounts[one] ?? "";
              const cluster = model.clusters[model.cluster[one] ?? 0];
              const role = ROLE_CODES[model.role[one] ?? 0] ?? "bystander";
              return (
                <tr key={account}>
                  <th scope="row">
                    <button type="button" class="link account" aria-pressed={of.account.value === account} onClick={() => (of.account.value = of.account.value === account ? null : account)}>
                      <Id of={account} />
                    </button>
                  </th>
                  <td class="nowrap">
                    <RoleIcon role={role} size={12} /> {t(`role.${role}`)}
                    {(model.confidence[one] ?? 0) > 0 && role !== "bystander" && <span class="soft"> {percent(model.confidence[one] ?? 0)}</span>}
                  </td>
                  <td>{cluster?.name ? <Id of={cluster.name} /> : t("app.unknown")}</td>
                  {model.timed && <td class="nowrap">{clockSeconds(model.first[one] ?? 0)}</td>}
                  <td>{number(model.interactions[one] ?? 0)}</td>
                  <td class="sub">
                    {[model.stranger[one] ? t("net.stranger") : t("net.known"), model.fresh[one] ? t("net.fresh") : ""].filter(Boolean).join(" · ")}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="pager">
        <button type="button" disabled={at === 0} onClick={() => (page.value = at - 1)} aria-label={t("net.previous_page")}>
          <Icon name="left" size={14} />
        </button>
        <span>{t("net.page", { from: seen ? at * ROWS + 1 : 0, to: Math.min(seen, (at + 1) * ROWS), n: seen })}</span>
        <button type="button" disabled={at >= pages - 1} onClick={() => (page.value = at + 1)} aria-label={t("net.next_page")}>
          <Icon name="right" size={14} />
        </button>
      </p>
    </>
  );
}

export function NetworkPanel({ of }: { of: CaseState }) {
  const layers = useSignal<Layers>({ ties: true, answers: true, groups: true });
  const table = useSignal(false);
  const model = useComputed(() => modelOf(of.case.value.alert, of.evidence.value));
  const now = model.value;
  const at = of.at.value;
  const seen = visibleAt(now, at);
  const roles = useMemo(() => counted(now, seen), [now, seen]);
  const of_ = (role: (typeof ROLES)[number]) => roles[ROLE_CODES.indexOf(role)] ?? 0;
  const words = t("net.picture", {
    time: clockSeconds(at),
    people: t("queue.people", { n: seen }),
    target: plain(of.case.value.alert.target.id, 40),
    attackers: of_("attacker"),
    defenders: of_("defender"),
    instigators: of_("instigator"),
  });
  const layer = (name: keyof Layers, any: boolean) =>
    any && (
      <label class="choice small">
        <input type="checkbox" checked={layers.value[name]} onChange={(event) => (layers.value = { ...layers.value, [name]: event.currentTarget.checked })} />
        <span>{t(`net.layer.${name}`)}</span>
      </label>
    );
  const chosen = of.account.value;
  const one = chosen === null ? undefined : now.index.get(chosen);
  return (
    <section class="panel network-panel" aria-labelledby="net-title">
      <div class="panel-head">
        <h2 id="net-title">{t("net.title")}</h2>
        <div class="layers" role="group" aria-label={t("net.layers")}>
          {layer("ties", now.ties.length > 0)}
          {layer("answers", now.answers.length > 0)}
          {layer("groups", now.groups.length > 0)}
        </div>
      </div>
      <ul class="legend inline role-legend">
        {ROLES.map((role) => (
          <li key={role}>
            <RoleIcon role={role} size={13} /> {t(`role.${role}s`)} <strong>{number(of_(role))}</strong>
          </li>
        ))}
      </ul>
      {now.accounts.length === 0 ? (
        <p class="empty">{t("net.alone")}</p>
      ) : (
        <NetworkCanvas of={of} model={model} layers={layers} words={words} />
      )}
      {!now.timed && now.accounts.length > 0 && <p class="hint">{t("net.no_evidence", { n: now.accounts.length })}</p>}
      {one !== undefined && chosen !== null && (
        <p class="picked" role="status">
          <RoleIcon role={ROLE_CODES[now.role[one] ?? 0] ?? "bystander"} /> <Id of={chosen} class="strong" />
          <span class="sub">
            {t(`role.${ROLE_CODES[now.role[one] ?? 0] ?? "bystander"}`)}
            {now.timed && ` · ${t("net.came")} ${clockSeconds(now.first[one] ?? 0)}`}
            {now.fresh[one] ? ` · ${t("net.fresh")}` : ""}
          </span>
          <a class="link" href="#events" onClick={() => document.getElementById("events")?.scrollIntoView({ block: "start" })}>
            {t("net.show_events")}
          </a>
          <button type="button" class="quiet icon-button" aria-label={t("events.clear")} onClick={() => (of.account.value = null)}>
            <Icon name="close" size={13} />
          </button>
        </p>
      )}
      {now.timed && <Timeline of={of} />}
      <div class="panel-foot">
        <button type="button" class="link" aria-expanded={table.value} onClick={() => (table.value = !table.value)}>
          {t("net.table")}
        </button>
        <details class="help-line">
          <summary>?</summary>
          <p>{t("net.help")}</p>
        </details>
      </div>
      {table.value && <People of={of} model={now} />}
    </section>
  );
}
