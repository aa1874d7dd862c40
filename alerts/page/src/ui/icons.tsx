/** Shapes. They repeat what words beside them say, so screen readers skip them. */
import type { Role, Severity, Verdict } from "../types";

const HIDDEN = { "aria-hidden": "true", focusable: "false" } as const;

/** A triangle for a pile-on, a diamond for doubt, a circle for a harmless surge. */
export function VerdictIcon({ verdict }: { verdict: Verdict }) {
  return (
    <svg class={`verdict-icon ${verdict}`} viewBox="0 0 20 20" width="20" height="20" {...HIDDEN}>
      {verdict === "pile_on" ? (
        <>
          <path d="M10 1.8 19 17.6H1Z" class="solid" />
          <path d="M10 7.4v4.4M10 14.4v.4" class="mark" />
        </>
      ) : verdict === "uncertain" ? (
        <>
          <path d="M10 1.5 18.5 10 10 18.5 1.5 10Z" class="line" />
          <path d="M10 1.5 18.5 10 10 18.5Z" class="solid" />
        </>
      ) : (
        <circle cx="10" cy="10" r="7.6" class="line" />
      )}
    </svg>
  );
}

const STEPS: Record<Severity, number> = { info: 1, low: 2, medium: 3, high: 4, critical: 5 };

/** One bar for info, five for critical. */
export function SeverityIcon({ severity }: { severity: Severity }) {
  const steps = STEPS[severity];
  return (
    <svg class={`severity-icon ${severity}`} viewBox="0 0 22 14" width="22" height="14" {...HIDDEN}>
      {[1, 2, 3, 4, 5].map((step) => (
        <rect
          key={step}
          x={(step - 1) * 4.5}
          y={12 - step * 2.2}
          width="3.2"
          height={step * 2.2 + 2}
          rx="0.8"
          class={step <= steps ? "on" : "off"}
        />
      ))}
    </svg>
  );
}

export function RoleIcon({ role, size = 14 }: { role: Role; size?: number }) {
  return (
    <svg class={`role-icon ${role}`} viewBox="0 0 14 14" width={size} height={size} {...HIDDEN}>
      {role === "attacker" ? (
        <path d="M7 1 13.2 12.4H.8Z" />
      ) : role === "defender" ? (
        <rect x="1.8" y="1.8" width="10.4" height="10.4" rx="1" />
      ) : role === "instigator" ? (
        <path d="m7 .3 1.9 4.2 4.6.5-3.4 3.1.9 4.6L7 10.4l-4 2.3.9-4.6L.5 5l4.6-.5Z" />
      ) : (
        <circle cx="7" cy="7" r="4.4" />
      )}
    </svg>
  );
}

const PATHS = {
  pause: "M6 4v12M14 4v12",
  play: "M6 3.5 16 10 6 16.5Z",
  stop: "M5 5h10v10H5Z",
  search: "M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3Zm4.5 10.5L18 18",
  close: "m5 5 10 10M15 5 5 15",
  up: "m4 12 6-6 6 6",
  down: "m4 8 6 6 6-6",
  left: "m12 4-6 6 6 6",
  right: "m8 4 6 6-6 6",
  help: "M7.2 7.2C7.2 5.4 8.4 4.4 10 4.4s2.9 1 2.9 2.6c0 2-2.9 2.2-2.9 4.3M10 14.6v.6",
  user: "M10 3.2a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8ZM3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5",
  flag: "M5 18V3h9l-2 3.5 2 3.5H5",
  clock: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM10 6v4.3l3 1.8",
  note: "M4 3h12v9l-5 5H4ZM16 12h-5v5",
  out: "M8 3H4v14h4M8 10h9M13.5 6.5 17 10l-3.5 3.5",
  download: "M10 3v9M6 8.5l4 4 4-4M4 16.5h12",
  check: "m4 10.5 4 4 8-9",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  fit: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  warning: "M10 2.5 18.5 17H1.5ZM10 8v4M10 14.2v.4",
  eye: "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10Zm8-2.3a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6Z",
  shield: "M10 2 16.5 4.5V10c0 4-2.8 6.7-6.5 8-3.7-1.3-6.5-4-6.5-8V4.5Z",
  filter: "M3 4.5h14l-5.5 6.5v5l-3-1.5V11Z",
} as const;

export type Glyph = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: Glyph; size?: number }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 20 20" width={size} height={size} {...HIDDEN}>
      <path d={PATHS[name]} />
    </svg>
  );
}
