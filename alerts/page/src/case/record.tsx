/** What people made of a case, what was recommended, which cases it is like, and how its evidence is taken along. */
import { note } from "../actions";
import { exportAddress, may } from "../api";
import { ago, fine, fullTime, known, moment, named, number, t } from "../i18n";
import { caseAddress } from "../router";
import { plain, Text } from "../safe";
import { nameOf, type HistoryLine } from "../types";
import { SeverityBadge, TargetName, VerdictBadge } from "../ui/badges";
import { now } from "../ui/clock";
import { Icon } from "../ui/icons";
import { say } from "../ui/toast";
import type { CaseState } from "./state";
import { Sentence } from "./why";

export function RecommendedPanel({ of }: { of: CaseState }) {
  const { protections } = of.case.value.alert;
  return (
    <section class="panel" aria-labelledby="do-title">
      <h2 id="do-title">{t("do.title")}</h2>
      {protections.length === 0 ? (
        <p class="soft">{t("do.none")}</p>
      ) : (
        <ul class="protections">
          {protections.map((one) => (
            <li key={one.action}>
              <Icon name="shield" size={15} />
              <span>
                <strong>{named("protection", one.action)}</strong>
                {one.until ? <span class="sub"> · {t("do.until", { time: moment(one.until) })}</span> : null}
                <br />
                {known(`protection.${one.action}.help`) && named("protection", `${one.action}.help`)}{" "}
                <span class="soft">
                  <Sentence code={one.reason} parameters={one.parameters} otherwise={one.reason} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="hint">{t("do.help")}</p>
    </section>
  );
}

export function RelatedPanel({ of }: { of: CaseState }) {
  const { related } = of.case.value;
  return (
    <section class="panel" aria-labelledby="related-title">
      <h2 id="related-title">{t("related.title")}</h2>
      {related.length === 0 ? (
        <p class="soft">{t("related.none")}</p>
      ) : (
        <ul class="related">
          {related.slice(0, 12).map((row) => (
            <li key={row.id}>
              <a href={caseAddress(row.id)}>
                <VerdictBadge verdict={row.verdict} /> <TargetName target={row.target} />
              </a>
              <span class="sub">
                <SeverityBadge severity={row.severity} /> {t("queue.people", { n: row.participants.total })} · {t("queue.began", { ago: ago(row.started_at, now.value) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function told(line: HistoryLine): string {
  const name = nameOf(line.by) || t("history.system");
  const detail = line.detail ?? {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  switch (line.action) {
    case "decide": {
      const decision = text(detail.decision);
      return t("history.decided", { name, decision: named("decision", decision) });
    }
    case "assign": {
      const to = text(detail.name) || text(detail.user);
      return to ? t("history.assigned", { name, to }) : t("history.unassigned", { name });
    }
    case "snooze":
      return t("history.snoozed", { name });
    case "wake":
      return t("history.unsnoozed", { name });
    case "returned":
      return t("history.returned");
    case "note":
      return t("history.noted", { name });
    case "export":
      return t("history.exported", { name });
    case "view":
      return t("history.viewed", { name });
    case "reveal":
      return t("history.revealed", { name });
    default:
      return t("history.other", { name, action: line.action });
  }
}

const QUIET = new Set(["view", "reveal"]);

export function HistoryPanel({ of }: { of: CaseState }) {
  const { decisions, history } = of.case.value;
  const lines = history.filter((one) => !QUIET.has(one.action)).toSorted((a, b) => b.at - a.at);
  const said = (at: number) => decisions.find((one) => Math.abs(one.at - at) < 1500);
  return (
    <section class="panel" aria-labelledby="history-title">
      <h2 id="history-title">{t("history.title")}</h2>
      {lines.length === 0 && decisions.length === 0 ? (
        <p class="soft">{t("history.none")}</p>
      ) : (
        <ol class="history">
          {(lines.length ? lines : decisions.map((one) => ({ action: "decide", by: one.by, at: one.at, detail: { decision: one.decision } }))).slice(0, 60).map((line, at) => {
            const decision = line.action === "decide" ? said(line.at) : undefined;
            return (
              <li key={`${line.at} ${at}`}>
                <span>{told(line)}</span>
                {decision?.reason && <span class="sub"> · {named("reason", decision.reason)}</span>}
                {decision?.note && (
                  <blockquote>
                    <Text>{decision.note}</Text>
                  </blockquote>
                )}
                <time class="sub" dateTime={new Date(line.at).toISOString()} title={fullTime(line.at)}>
                  {ago(line.at, now.value)}
                </time>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

export function NotesPanel({ of }: { of: CaseState }) {
  const { notes, row } = of.case.value;
  return (
    <section class="panel" aria-labelledby="note-title">
      <div class="panel-head">
        <h2 id="note-title">{t("note.title")}</h2>
        {may("analyst") && (
          <button type="button" class="quiet no-print" onClick={() => note(row)}>
            <Icon name="plus" size={13} /> {t("act.note")}
          </button>
        )}
      </div>
      {notes.length === 0 ? (
        <p class="soft">{t("note.none")}</p>
      ) : (
        <ul class="notes">
          {notes.map((one, at) => (
            <li key={one.id ?? at}>
              <p class="note-text">
                <Text>{one.text}</Text>
              </p>
              <span class="sub">
                <bdi>{nameOf(one.by)}</bdi> · <time title={fullTime(one.at)}>{ago(one.at, now.value)}</time>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function RevisionsPanel({ of }: { of: CaseState }) {
  const revisions = of.case.value.revisions.toSorted((a, b) => b.revision - a.revision);
  return (
    <section class="panel" aria-labelledby="revisions-title">
      <details>
        <summary>
          <h2 id="revisions-title">
            {t("revisions.title")} <span class="soft">{number(revisions.length)}</span>
          </h2>
        </summary>
        <p class="hint">{t("revisions.help")}</p>
        <div class="table-wrap short" tabIndex={0} role="group" aria-label={t("revisions.title")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("revisions.revision")}</th>
                <th scope="col">{t("revisions.time")}</th>
                <th scope="col">{t("queue.col.state")}</th>
                <th scope="col">{t("queue.filter.verdict")}</th>
                <th scope="col">{t("case.fact.people")}</th>
                <th scope="col">{t("queue.col.score")}</th>
              </tr>
            </thead>
            <tbody>
              {revisions.map((one) => (
                <tr key={one.revision}>
                  <th scope="row">{number(one.revision)}</th>
                  <td class="nowrap">
                    <button type="button" class="link" onClick={() => (of.moment.value = one.updated_at)}>
                      {moment(one.updated_at)}
                    </button>
                  </td>
                  <td>{named("status", one.status)}</td>
                  <td>{named("verdict", one.verdict)}</td>
                  <td>{number(typeof one.participants === "number" ? one.participants : one.participants.total)}</td>
                  <td>{fine(one.score)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

const FORMS = ["json", "csv", "html"] as const;

export function ExportPanel({ of }: { of: CaseState }) {
  const { alert, row } = of.case.value;
  const { digest, previous_digest: before } = alert.evidence;
  const file = /^[\w-]+$/.test(row.id) ? `breakwater-${row.id}` : "breakwater-case";
  const command = `breakwater verify ${file}.json`;
  const degraded = alert.quality.degraded.map((one) => (known(`degraded.${one}`) ? named("degraded", one) : one));
  return (
    <section class="panel" id="export" aria-labelledby="export-title">
      <h2 id="export-title">{t("export.title")}</h2>
      <p class="hint">{t("export.help")}</p>
      {may("analyst") && (
        <>
          <p class="exports no-print">
            {FORMS.map((form) => (
              <a key={form} class="button" href={exportAddress(row.id, form)} download={`${file}.${form}`}>
                <Icon name="download" size={14} /> {t(`export.${form}`)}
              </a>
            ))}
          </p>
          <p class="hint no-print">{t("export.logged")}</p>
        </>
      )}
      <dl class="digests">
        <dt>{t("case.id")}</dt>
        <dd>
          <code>{plain(row.id, 600)}</code>
        </dd>
        <dt>{t("export.digest")}</dt>
        <dd>
          <code>{digest}</code>
        </dd>
        {before && (
          <>
            <dt>{t("export.previous")}</dt>
            <dd>
              <code>{before}</code>
            </dd>
          </>
        )}
        <dt>{t("export.verify")}</dt>
        <dd class="command">
          <code>{command}</code>
          <button
            type="button"
            class="quiet no-print"
            onClick={() => void navigator.clipboard?.writeText(command).then(() => say(t("app.copied")))}
          >
            {t("app.copy")}
          </button>
        </dd>
      </dl>
      <p class="hint">
        {t("export.engine", { version: alert.engine.version, model: alert.engine.model, config: alert.engine.config_digest })}.{" "}
        {t("export.quality", { late: alert.quality.late, mended: alert.quality.mended })}
        {degraded.length > 0 && ` ${t("export.degraded", { what: degraded.join(", ") })}`}
      </p>
    </section>
  );
}
