/** A small line of people over a case's life. */
import { t } from "../i18n";

const WIDTH = 92;
const HEIGHT = 26;

export function Spark({ values, verdict }: { values: number[]; verdict: string }) {
  if (values.length < 2) return <span class="spark" />;
  const most = Math.max(...values, 1);
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 5)).toFixed(1)}`);
  const last = points[points.length - 1]?.split(",") ?? ["0", "0"];
  return (
    <svg
      class={`spark ${verdict}`}
      viewBox={`0 0 ${WIDTH + 3} ${HEIGHT}`}
      width={WIDTH + 3}
      height={HEIGHT}
      role="img"
      aria-label={t("queue.spark", { first: values[0] ?? 0, last: values.at(-1) ?? 0 })}
    >
      <polygon points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} class="area" />
      <polyline points={points.join(" ")} class="line" />
      <circle cx={last[0]} cy={last[1]} r="2.2" class="end" />
    </svg>
  );
}
