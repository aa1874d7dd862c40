/** Why: a sum that one can follow, from where every crowd starts, signal by signal, to the score. */
import { useSignal } from "@preact/signals";
import { fine, known, likelihood, named, number, percent, rich, signed, t } from "../i18n";
import { ORGANIC, PILE_ON } from "../limits";
import { Id } from "../safe";
import type { Alert, Signal } from "../types";
import { behind, type CaseState } from "./state";

/** What changes the sum by less is said in a line. */
const SMALL = 0.005;

const logit = (share: number): number => Math.log(share / (1 - share));

interface Sum {
  base: number;
  /** Whether the score is so close to 0 or 1 that its rounding hides where the sum began. */
  rounded: boolean;
  total: number;
}

function sumOf(alert: Alert): Sum {
  const added = alert.signals.reduce((sum, one) => sum + one.contribution, 0);
  const said = alert.base;
  if (said !== undefined) return { base: said, rounded: false, total: said + added };
  const edge = 0.00005;
  const total = logit(Math.min(1 - edge, Math.max(edge, alert.score)));
  return { base: total - added, rounded: alert.score <= edge || alert.score >= 1 - edge, total };
}

/** The sentence of a code, or else a name; codes may be newer than the page. */
export function Sentence({ code, parameters = {}, otherwise }: { code: string; parameters?: Record<string, string | number> | undefined; otherwise: string }) {
  if (!known(code)) return <>{otherwise}</>;
  const inside = typeof parameters.community === "string" ? { community: <Id of={parameters.community} /> } : {};
  return <>{rich(code, parameters, inside)}</>;
}

const SignalSentence = ({ signal }: { signal: Signal }) => <Sentence code={signal.code} parameters={signal.parameters} otherwise={named("short", signal.name)} />;

interface Scale {
  at: (value: number) => string;
  wide: (from: number, to: number) => string;
}

function Bar({ from, to, scale, kind }: { from: number; to: number; scale: Scale; kind: string }) {
  return (
    <span class="fall" aria-hidden="true">
      <span class="limit low" style={{ insetInlineStart: scale.at(logit(ORGANIC)) }} />
      <span class="limit high" style={{ insetInlineStart: scale.at(logit(PILE_ON)) }} />
      <span class={`bar ${kind}`} style={{ insetInlineStart: scale.at(Math.min(from, to)), inlineSize: scale.wide(from, to) }} />
    </span>
  );
}

/** The signals whose measure is a share of the crowd. */
const SHARES = new Set(["strangers", "outsiders", "origin", "accounts", "together", "circle", "hostility", "copies", "mutual", "step"]);

/** What was measured, against what is usual, on one small scale. */
function Measure({ signal }: { signal: Signal }) {
  const most = Math.max(Math.abs(signal.value), Math.abs(signal.baseline), signal.name === "surge" || signal.name === "exposure" ? 0 : 1, 1e-9);
  const say = (value: number) => (SHARES.has(signal.name) ? percent(value) : number(Math.round(value * 100) / 100));
  const share = (value: number) => `${Math.min(100, (Math.abs(value) / most) * 100)}%`;
  return (
    <span class="measure">
      <span class="measure-bar" aria-hidden="true">
        <span class="value" style={{ inlineSize: share(signal.value) }} />
        <span class="usual" style={{ insetInlineStart: share(signal.baseline) }} />
      </span>
      <span class="measure-words">
        {t("why.value")} {say(signal.value)} · {t("why.usual")} {say(signal.baseline)}
      </span>
    </span>
  );
}

export function WhyPanel({ of }: { of: CaseState }) {
  const all = useSignal(false);
  const { alert } = of.case.value;
  const { base, rounded, total } = sumOf(alert);
  const large = alert.signals.filter((one) => Math.abs(one.contribution) >= SMALL);
  const small = alert.signals.filter((one) => Math.abs(one.contribution) < SMALL);
  let running = base;
  const steps = large.map((signal) => {
    const from = running;
    running += signal.contribution;
    return { signal, from, to: running };
  });
  const reach = [base, total, 0, logit(ORGANIC), logit(PILE_ON), ...steps.map((one) => one.to)];
  const low = Math.min(...reach) - 0.3;
  const high = Math.max(...reach) + 0.3;
  const part = (value: number) => ((value - low) / (high - low)) * 100;
  const scale: Scale = {
    at: (value) => `${part(value)}%`,
    wide: (from, to) => `${Math.max(0.6, Math.abs(part(from) - part(to)))}%`,
  };
  const pick = (signal: Signal) => {
    const now = of.picked.value;
    of.picked.value = now?.signal === signal.name ? null : { signal: signal.name, account: null, events: new Set(behind(signal.name, alert, of.evidence.value)) };
    if (of.picked.value) document.getElementById("events")?.scrollIntoView({ block: "nearest" });
  };
  const line = ({ signal, from, to }: { signal: Signal; from: number; to: number }) => {
    const events = behind(signal.name, alert, of.evidence.value);
    const on = of.picked.value?.signal === signal.name;
    return (
      <li key={signal.name} class={on ? "signal on" : "signal"}>
        <div class="signal-words">
          <SignalSentence signal={signal} />
        </div>
        <span class={`adds ${signal.contribution > 0 ? "for" : signal.contribution < 0 ? "against" : "none"}`}>
          <span class="visually-hidden">{t("why.adds")} </span>
          {signed(signal.contribution)}
        </span>
        <Bar from={from} to={to} scale={scale} kind={signal.contribution > 0 ? "for" : "against"} />
        <div class="signal-foot">
          <Measure signal={signal} />
          {events.length > 0 && (
            <button type="button" class="link" aria-pressed={on} onClick={() => pick(signal)}>
              {t("why.events")} ({number(events.length)})
            </button>
          )}
        </div>
      </li>
    );
  };
  return (
    <section class="panel why" aria-labelledby="why-title">
      <h2 id="why-title">{t("why.title")}</h2>
      <details class="help-line">
        <summary>?</summary>
        <p>{t("why.help")}</p>
      </details>
      <ol class="signals">
        <li class="signal edge">
          <div class="signal-words">{t("why.base")}</div>
          <span class="adds none">
            {rounded ? (alert.score < 0.5 ? "≤ " : "≥ ") : ""}
            {signed(base)}
          </span>
          <Bar from={0} to={base} scale={scale} kind="base" />
        </li>
        {steps.map(line)}
        {small.length > 0 && (
          <li class="signal rest">
            <button type="button" class="link" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
              {t("why.rest", { n: small.length })}
            </button>
            {all.value && (
              <ul class="small-signals">
                {small.map((signal) => (
                  <li key={signal.name}>
                    <SignalSentence signal={signal} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        )}
        <li class={`signal edge total ${alert.verdict}`}>
          <div class="signal-words">
            <strong>{t("why.score", { score: fine(alert.score), words: t(`score.${likelihood(alert.score)}`) })}</strong>
          </div>
          <span class="adds">
            {rounded ? (alert.score < 0.5 ? "≤ " : "≥ ") : ""}
            {signed(total)}
          </span>
          <Bar from={0} to={total} scale={scale} kind="sum" />
        </li>
      </ol>
      <p class="hint">
        {t("why.limits", { pile_on: fine(PILE_ON), organic: fine(ORGANIC) })} {rounded && t("why.rounded")}
      </p>
    </section>
  );
}
