/** The slider through a case's life. All that is drawn follows it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clockSeconds, number, t } from "../i18n";
import { bind } from "../keys";
import { Icon } from "../ui/icons";
import type { CaseState } from "./state";

const STEPS = 240;
const PLAYED_MS = 12_000;

/** How many people had come by a moment. */
export function peopleAt(of: CaseState, at: number): number {
  const evidence = of.evidence.value;
  if (evidence?.accounts.length) return evidence.accounts.reduce((sum, one) => sum + (one.first_at && one.first_at <= at ? 1 : 0), 0);
  let people = 0;
  for (const one of of.case.value.revisions) {
    const total = typeof one.participants === "number" ? one.participants : one.participants.total;
    if (one.updated_at <= at || people === 0) people = total;
  }
  return people;
}

export function Timeline({ of }: { of: CaseState }) {
  const playing = useSignal(false);
  const [from, to] = of.span.value;
  const at = of.at.value;
  const step = Math.max(1_000, Math.round((to - from) / STEPS / 1_000) * 1_000);
  const people = peopleAt(of, at);
  const total = of.case.value.alert.participants.total;
  const toggle = () => {
    if (!playing.peek() && of.at.peek() >= of.span.peek()[1]) of.moment.value = of.span.peek()[0];
    playing.value = !playing.peek();
  };
  useEffect(() => bind({ " ": toggle }), []);
  useEffect(() => {
    if (!playing.value) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function play(now) {
      const [begin, end] = of.span.peek();
      const next = of.at.peek() + ((now - last) / PLAYED_MS) * (end - begin);
      last = now;
      if (next >= end) {
        of.moment.value = null;
        playing.value = false;
        return;
      }
      of.moment.value = next;
      frame = requestAnimationFrame(play);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing.value]);
  const words = t("time.at", { time: clockSeconds(at), people: t("queue.people", { n: people }), total: number(total) });
  return (
    <div class="timeline" role="group" aria-label={t("time.title")}>
      <button type="button" class="icon-button" aria-label={t(playing.value ? "time.pause" : "time.play")} title={t(playing.value ? "time.pause" : "time.play")} onClick={toggle}>
        <Icon name={playing.value ? "stop" : "play"} size={14} />
      </button>
      <input
        type="range"
        aria-label={t("time.slider")}
        aria-valuetext={words}
        min={from}
        max={to}
        step={step}
        value={at}
        onInput={(event) => {
          playing.value = false;
          const value = event.currentTarget.valueAsNumber;
          of.moment.value = value + step > to ? null : value;
        }}
      />
      <output class="time-words">{words}</output>
      <button type="button" class="quiet" disabled={of.moment.value === null} onClick={() => (of.moment.value = null)}>
        {of.moment.value === null ? t("time.following") : t("time.to_end")}
      </button>
    </div>
  );
}
