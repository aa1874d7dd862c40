/** The crowd over time: newcomers and shares a minute against what is usual, and the moment that is shown. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { clock, locale, number, t } from "../i18n";
import { paletteChanges, token } from "../ui/palette";
import type { Minute } from "../types";
import { Timeline } from "./timeline";
import type { CaseState } from "./state";

const MINUTE = 60_000;
const HEIGHT = 190;

/** Every minute of the span, those without anything as zeros. */
function filled(minutes: Minute[], [from, to]: [number, number]): Minute[] {
  const by = new Map(minutes.map((one) => [Math.floor(one.start / MINUTE), one]));
  const first = Math.floor(from / MINUTE);
  const last = Math.min(Math.floor(to / MINUTE), first + 3_000);
  const found: Minute[] = [];
  for (let at = first; at <= last; at++) found.push(by.get(at) ?? { start: at * MINUTE, newcomers: 0, interactions: 0, shares: 0 });
  return found;
}

function plot(place: HTMLElement, of: CaseState): uPlot {
  const evidence = of.evidence.value;
  const { revisions } = of.case.value;
  const axis = (extra: Partial<uPlot.Axis>): uPlot.Axis => ({
    stroke: token("--soft"),
    font: `11px ${token("--font")}`,
    grid: { stroke: token("--line-soft"), width: 1 },
    ticks: { stroke: token("--line-soft"), width: 1, size: 4 },
    ...extra,
  });
  const axes = [
    axis({ values: (_, splits) => splits.map((at) => clock(at * 1000)), grid: { show: false }, size: 28 }),
    axis({ values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? number(value) : "")), size: 38 }),
  ];
  const options: uPlot.Options = {
    width: place.clientWidth || 600,
    height: HEIGHT,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] } },
    axes,
    series: [{}],
    hooks: {
      draw: [
        (chart) => {
          const at = of.at.peek() / 1000;
          const x = chart.valToPos(Math.min(chart.scales.x?.max ?? at, Math.max(chart.scales.x?.min ?? at, at)), "x", true);
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.fillStyle = token("--veil");
          ctx.fillRect(x, bbox.top, Math.max(0, bbox.left + bbox.width - x), bbox.height);
          ctx.strokeStyle = token("--accent");
          ctx.lineWidth = 2 * devicePixelRatio;
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
          ctx.restore();
        },
      ],
    },
  };
  let data: uPlot.AlignedData;
  if (evidence?.minutes.length) {
    const minutes = filled(evidence.minutes, of.span.value);
    const usual = evidence.usual_per_minute;
    data = [
      minutes.map((one) => (one.start + MINUTE / 2) / 1000),
      minutes.map((one) => one.newcomers),
      minutes.map((one) => one.shares),
      minutes.map(() => usual),
    ];
    options.series.push(
      { fill: token("--crowd"), stroke: token("--crowd"), width: 0, ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.8, 26], gap: 1 }) } : {}), points: { show: false } },
      { stroke: token("--shares"), width: 1.5, points: { show: minutes.length < 40, size: 4 } },
      { stroke: token("--usual"), width: 1.5, dash: [5, 4], points: { show: false } },
    );
  } else {
    const people = (one: (typeof revisions)[number]) => (typeof one.participants === "number" ? one.participants : one.participants.total);
    data = [revisions.map((one) => one.updated_at / 1000), revisions.map(people)];
    options.series.push({ stroke: token("--crowd"), width: 2, points: { show: true, size: 6 } });
  }
  const chart = new uPlot(options, data, place);
  chart.over.addEventListener("click", (event) => {
    const box = chart.over.getBoundingClientRect();
    of.moment.value = Math.round(chart.posToVal(event.clientX - box.left, "x") * 1000);
  });
  return chart;
}

export function Chart({ of }: { of: CaseState }) {
  const place = useRef<HTMLDivElement>(null);
  const evidence = of.evidence.value;
  const revisions = of.case.value.revisions;
  const theme = paletteChanges.value;
  const words = locale.value;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = plot(element, of);
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    let drawn = 0;
    const stop = effect(() => {
      void of.at.value;
      cancelAnimationFrame(drawn);
      drawn = requestAnimationFrame(() => chart.redraw(false, false));
    });
    return () => {
      stop();
      cancelAnimationFrame(drawn);
      resized.disconnect();
      chart.destroy();
    };
  }, [evidence, revisions, theme, words]);
  return <div class="chart" ref={place} aria-hidden="true" />;
}

function Legend() {
  return (
    <ul class="legend inline" aria-hidden="true">
      <li>
        <span class="key bar" /> {t("crowd.newcomers")}
      </li>
      <li>
        <span class="key line" /> {t("crowd.shares")}
      </li>
      <li>
        <span class="key dash" /> {t("crowd.usual")}
      </li>
    </ul>
  );
}

export function CrowdPanel({ of }: { of: CaseState }) {
  const evidence = of.evidence.value;
  const minutes = evidence?.minutes ?? [];
  const most = minutes.reduce<Minute | null>((best, one) => (!best || one.newcomers > best.newcomers ? one : best), null);
  return (
    <section class="panel crowd-panel" aria-labelledby="crowd-title">
      <div class="panel-head">
        <h2 id="crowd-title">{t("crowd.title")}</h2>
        {minutes.length > 0 && <Legend />}
      </div>
      <p class="hint">
        {most ? t("crowd.summary", { most: most.newcomers, time: clock(most.start), usual: number(evidence?.usual_per_minute ?? 0) }) : t("crowd.none")}
      </p>
      <Chart of={of} />
      {minutes.length === 0 && !evidence?.accounts.length && <Timeline of={of} />}
      {minutes.length > 0 && (
        <details class="as-table">
          <summary>{t("crowd.table")}</summary>
          <div class="table-wrap short" tabIndex={0} role="group" aria-label={t("crowd.title")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("crowd.minute")}</th>
                  <th scope="col">{t("crowd.newcomers")}</th>
                  <th scope="col">{t("crowd.interactions")}</th>
                  <th scope="col">{t("crowd.shares")}</th>
                </tr>
              </thead>
              <tbody>
                {minutes.map((one) => (
                  <tr key={one.start}>
                    <th scope="row">{clock(one.start)}</th>
                    <td>{number(one.newcomers)}</td>
                    <td>{number(one.interactions)}</td>
                    <td>{number(one.shares)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}
