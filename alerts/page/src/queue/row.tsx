/** One case in the queue. It follows its own row, so that a change draws one line and no more. */
import type { Signal } from "@preact/signals";
import { ago, likelihood, moment, named, number, t } from "../i18n";
import { caseAddress } from "../router";
import { plain } from "../safe";
import { nameOf, type Row } from "../types";
import { Flags, ScoreBadge, SeverityBadge, StatusBadge, TargetName } from "../ui/badges";
import { now } from "../ui/clock";
import { Icon, VerdictIcon } from "../ui/icons";
import { Spark } from "../ui/spark";
import { left } from "./store";

function Why({ row }: { row: Row }) {
  return (
    <span class="why-chips">
      {row.signals
        .filter((one) => Math.abs(one.contribution) >= 0.05)
        .slice(0, 3)
        .map((one) => (
          <span key={one.name} class={one.contribution > 0 ? "chip for" : "chip against"}>
            <span class="sign" aria-hidden="true">
              {one.contribution > 0 ? "+" : "−"}
            </span>
            <span class="visually-hidden">{t(one.contribution > 0 ? "why.for" : "why.against")}: </span>
            {named("short", one.name)}
          </span>
        ))}
    </span>
  );
}

function snoozed(row: Row): string {
  const until = row.snooze?.until;
  return until ? t("queue.snoozed_until", { time: moment(until) }) : t("queue.snoozed_grows");
}

export function CaseRow({ of }: { of: Signal<Row> }) {
  const row = of.value;
  const gone = left.value.has(row.id);
  const people = t("queue.people", { n: row.participants.total });
  const label = t("queue.row", {
    verdict: named("verdict", row.verdict),
    severity: named("severity", row.severity),
    kind: named("kind", row.target.kind),
    id: plain(row.target.id),
    people,
  });
  return (
    <li class={`case-row ${row.verdict} ${row.severity}${gone ? " gone" : ""}`} data-id={row.id}>
      <div class="cell case">
        <VerdictIcon verdict={row.verdict} />
        <div class="case-name">
          <a href={caseAddress(row.id)} class="row-link" aria-label={label}>
            <TargetName target={row.target} />
          </a>
          <span class="sub">
            <span class={`word ${row.verdict}`}>{named("verdict", row.verdict)}</span>
            {row.target.kind !== "account" && <span class="kind">{named("kind", row.target.kind)}</span>}
            <Flags target={row.target} />
          </span>
        </div>
      </div>
      <div class="cell severity-cell">
        <SeverityBadge severity={row.severity} />
      </div>
      <div class="cell score-cell">
        <ScoreBadge score={row.score} />
        <span class={`meter ${likelihood(row.score)}`} aria-hidden="true">
          <span ref={(element) => void element?.style.setProperty("inline-size", `${Math.max(2, row.score * 100)}%`)} />
        </span>
      </div>
      <div class="cell crowd">
        <span class="crowd-number">
          <strong>{number(row.participants.total)}</strong>
          <span class="sub">{t("queue.per_minute", { n: row.interactions.per_minute })}</span>
        </span>
        <Spark values={row.spark} verdict={row.verdict} />
      </div>
      <div class="cell why">
        <Why row={row} />
      </div>
      <div class="cell state">
        <StatusBadge status={row.status} />
        <span class="sub">{gone ? t("queue.left") : row.snooze ? snoozed(row) : t("queue.began", { ago: ago(row.started_at, now.value) })}</span>
      </div>
      <div class="cell who">
        {row.decision ? (
          <span class={`decision ${row.decision.decision}`}>
            <Icon name="check" size={14} /> {t(`decision.${row.decision.decision}`)}
          </span>
        ) : null}
        <span class={row.assignee ? "assignee" : "assignee sub"}>
          {row.assignee ? (
            <>
              <Icon name="user" size={14} /> {nameOf(row.assignee)}
            </>
          ) : (
            t("queue.unassigned")
          )}
        </span>
      </div>
      <div class="cell do">
        {row.protections.length ? (
          <span>
            <Icon name="shield" size={14} /> {named("protection", row.protections[0]?.action ?? "")}
            {row.protections.length > 1 ? ` +${row.protections.length - 1}` : ""}
          </span>
        ) : (
          <span class="sub">{t("queue.nothing_recommended")}</span>
        )}
        {row.degraded.length > 0 && (
          <span class="degraded" role="img" aria-label={t("queue.degraded", { what: row.degraded.join(", ") })} title={t("queue.degraded", { what: row.degraded.join(", ") })}>
            <Icon name="warning" size={14} />
          </span>
        )}
      </div>
    </li>
  );
}
