/** The top of a case: what it is, one sentence of what happened, what one can do. */
import type { RefObject } from "preact";
import { assign, assignMe, decide, note, snooze, unsnooze } from "../actions";
import { may, session } from "../api";
import { ago, duration, fullTime, moment, named, number, rich, t } from "../i18n";
import { neighbours } from "../queue/store";
import { caseAddress } from "../router";
import { Id } from "../safe";
import { nameOf, type Alert } from "../types";
import { Flags, ScoreBadge, SeverityBadge, StatusBadge, TargetName, VerdictBadge } from "../ui/badges";
import { now } from "../ui/clock";
import { Icon } from "../ui/icons";
import type { CaseState } from "./state";

const ORIGIN_SAID_FROM = 0.25;

/** What happened, from the counts alone. */
export function Sentence({ alert }: { alert: Alert }) {
  const { total, strangers, fresh_accounts: fresh } = alert.participants;
  const until = alert.evidence.last || alert.updated_at;
  const source = alert.sources[0];
  const target = rich(`case.target.${alert.target.kind}`, {}, { id: <Id of={alert.target.id} class="strong" /> });
  return (
    <p class="sentence">
      {rich(
        `case.sentence.${alert.verdict}`,
        { people: total, span: duration(until - alert.started_at) },
        {
          target,
          strangers:
            strangers === 0 ? null : strangers === total ? t("case.sentence.all_strangers") : t("case.sentence.strangers", { n: strangers }),
          fresh: fresh > 0 ? t("case.sentence.fresh", { n: fresh }) : null,
          origin:
            source && source.share >= ORIGIN_SAID_FROM
              ? rich("case.sentence.origin", { percent: Math.round(source.share * 100) }, { community: <Id of={source.community} /> })
              : null,
        },
      )}
      {alert.forecast && <span class="soft"> {t("case.forecast", { time: moment(alert.forecast.peak_at), n: alert.forecast.participants })}</span>}
    </p>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ alert }: { alert: Alert }) {
  const who = alert.participants;
  return (
    <dl class="facts" aria-label={t("case.facts")}>
      <Fact name={t("case.fact.people")}>{number(who.total)}</Fact>
      <Fact name={t("case.fact.strangers")}>{number(who.strangers)}</Fact>
      <Fact name={t("case.fact.fresh")}>{number(who.fresh_accounts)}</Fact>
      <Fact name={t("case.fact.interactions")}>{number(alert.interactions.total)}</Fact>
      <Fact name={t("case.fact.pace")}>{number(alert.interactions.per_minute)}</Fact>
      <Fact name={t("case.fact.onset")}>
        <time dateTime={new Date(alert.started_at).toISOString()} title={fullTime(alert.started_at)}>
          {moment(alert.started_at)}
        </time>
      </Fact>
      <Fact name={t("case.fact.detected")}>{duration(alert.detected_at - alert.started_at)}</Fact>
      {alert.ended_at !== null ? (
        <Fact name={t("case.fact.ended")}>
          <time dateTime={new Date(alert.ended_at).toISOString()} title={fullTime(alert.ended_at)}>
            {moment(alert.ended_at)}
          </time>
        </Fact>
      ) : (
        <Fact name={t("case.fact.updated")}>
          <time dateTime={new Date(alert.updated_at).toISOString()} title={fullTime(alert.updated_at)}>
            {ago(alert.updated_at, now.value)}
          </time>
        </Fact>
      )}
    </dl>
  );
}

export function CaseHead({ of, heading }: { of: CaseState; heading: RefObject<HTMLHeadingElement | null> }) {
  const { row, alert } = of.case.value;
  const around = neighbours(row.id);
  const mine = row.assignee?.id === session.value?.user.id;
  const analyst = may("analyst");
  return (
    <div class={`case-head ${row.verdict}`}>
      <div class="crumbs">
        <a href="/" class="back">
          <Icon name="left" size={14} /> {t("nav.queue")}
        </a>
        <span class="grow" />
        {around.previous && (
          <a href={caseAddress(around.previous)} title="k">
            <Icon name="up" size={14} /> {t("case.previous")}
          </a>
        )}
        {around.next && (
          <a href={caseAddress(around.next)} title="j">
            <Icon name="down" size={14} /> {t("case.next")}
          </a>
        )}
      </div>
      <div class="case-title">
        <h1 ref={heading} tabIndex={-1}>
          <VerdictBadge verdict={row.verdict} /> <TargetName target={alert.target} />
        </h1>
        <span class="case-badges">
          <span class="kind">{named("kind", alert.target.kind)}</span>
          <Flags target={alert.target} />
          <SeverityBadge severity={row.severity} />
          <StatusBadge status={row.status} />
          <ScoreBadge score={row.score} />
          {row.decision && (
            <span class={`decision ${row.decision.decision}`}>
              <Icon name="check" size={14} /> {t(`decision.${row.decision.decision}`)}
            </span>
          )}
          {row.snooze && (
            <span class="snoozed">
              <Icon name="clock" size={14} />{" "}
              {row.snooze.until ? t("queue.snoozed_until", { time: moment(row.snooze.until) }) : t("queue.snoozed_grows")}
            </span>
          )}
        </span>
      </div>
      <Sentence alert={alert} />
      <Facts alert={alert} />
      <div class="actions" role="toolbar" aria-label={t("act.actions")}>
        {analyst && (
          <>
            <span class="decide">
              <button type="button" class="primary danger" title="t" onClick={() => decide(row, "true")}>
                {t("act.true")}
              </button>
              <button type="button" title="f" onClick={() => decide(row, "false")}>
                {t("act.false")}
              </button>
              <button type="button" title="u" onClick={() => decide(row, "unsure")}>
                {t("act.unsure")}
              </button>
            </span>
            <button type="button" title="a" onClick={() => assignMe(row)}>
              <Icon name="user" size={14} /> {t(mine ? "act.unassign" : "act.assign_me")}
            </button>
            <button type="button" title="A" onClick={() => assign(row)}>
              {row.assignee && !mine ? nameOf(row.assignee) : t("act.assign")}…
            </button>
            <button type="button" title="z" onClick={() => (row.snooze ? unsnooze(row) : snooze(row))}>
              <Icon name="clock" size={14} /> {t(row.snooze ? "act.unsnooze" : "act.snooze")}
            </button>
            <button type="button" title="n" onClick={() => note(row)}>
              <Icon name="note" size={14} /> {t("act.note")}
            </button>
            <a class="button" href="#export" title="e">
              <Icon name="download" size={14} /> {t("act.export")}
            </a>
          </>
        )}
        <button type="button" onClick={() => print()}>
          {t("act.print")}
        </button>
      </div>
    </div>
  );
}
