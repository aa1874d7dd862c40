/** Verdict, severity, score and status: shape, word and number together. */
import { fine, likelihood, named, t } from "../i18n";
import type { Severity, Status, Target, Verdict } from "../types";
import { Id } from "../safe";
import { SeverityIcon, VerdictIcon } from "./icons";

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`verdict ${verdict}`}>
      <VerdictIcon verdict={verdict} />
      <span>{named("verdict", verdict)}</span>
    </span>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span class={`severity ${severity}`}>
      <SeverityIcon severity={severity} />
      <span>{named("severity", severity)}</span>
    </span>
  );
}

export function ScoreBadge({ score }: { score: number }) {
  const words = t(`score.${likelihood(score)}`);
  return (
    <span class="score" title={t("score.title", { words, score: fine(score) })}>
      <span class="score-words">{words}</span> <span class="score-number">{fine(score)}</span>
    </span>
  );
}

export function StatusBadge({ status }: { status: Status }) {
  return <span class={`status ${status}`}>{named("status", status)}</span>;
}

export function TargetName({ target }: { target: Target }) {
  return (
    <span class="target">
      {target.kind === "account" ? <span class="target-mark">@</span> : null}
      <Id of={target.id} />
    </span>
  );
}

export function Flags({ target }: { target: Target }) {
  return (
    <>
      {target.flags.map((flag) => (
        <span class={`flag ${flag}`} key={flag}>
          {named("flag", flag)}
        </span>
      ))}
    </>
  );
}
