/** What the console's API says, as far as the page reads it. Times are integer milliseconds UTC. */

export type Status = "open" | "escalating" | "peaking" | "subsiding" | "resolved" | "retracted";
export type Verdict = "pile_on" | "organic_surge" | "uncertain";
export type Severity = "info" | "low" | "medium" | "high" | "critical";
export type Role = "attacker" | "defender" | "bystander" | "instigator";
export type Rank = "viewer" | "analyst" | "admin";
export type Kind = "account" | "thread" | "community";

export const STATUSES: readonly Status[] = ["open", "escalating", "peaking", "subsiding", "resolved", "retracted"];
export const VERDICTS: readonly Verdict[] = ["pile_on", "uncertain", "organic_surge"];
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
export const ROLES: readonly Role[] = ["instigator", "attacker", "bystander", "defender"];

export interface Target {
  kind: Kind;
  id: string;
  flags: string[];
}

export interface Participants {
  total: number;
  strangers: number;
  fresh_accounts: number;
  attackers: number;
  defenders: number;
  bystanders: number;
}

export interface Signal {
  name: string;
  value: number;
  baseline: number;
  contribution: number;
  code: string;
  parameters: Record<string, string | number>;
}

export interface Protection {
  action: string;
  /** A code of the message catalogue. */
  reason: string;
  parameters?: Record<string, string | number>;
  until: number | null;
}

export interface Person {
  id: string;
  name: string;
}

export interface Row {
  id: string;
  seq: number;
  revision: number;
  status: Status;
  verdict: Verdict;
  severity: Severity;
  score: number;
  priority: number;
  target: Target;
  started_at: number;
  detected_at: number;
  updated_at: number;
  ended_at: number | null;
  participants: Participants;
  interactions: { total: number; per_minute: number; window_ms: number };
  protections: Protection[];
  spark: number[];
  signals: Signal[];
  assignee: Person | null;
  decision: { decision: Decision; by: Person | string; at: number } | null;
  snooze: { until?: number | null; until_grows?: boolean } | null;
  campaign: string | null;
  degraded: string[];
}

export type Decision = "true" | "false" | "unsure";
export const DECISIONS: readonly Decision[] = ["true", "false", "unsure"];
export const REASONS = [
  "harassment",
  "brigade",
  "bots",
  "accountability",
  "mutual_fight",
  "viral",
  "news",
  "fan_activity",
  "spam",
  "other",
] as const;
export type Reason = (typeof REASONS)[number];

export interface Alert {
  id: string;
  revision: number;
  status: Status;
  verdict: Verdict;
  severity: Severity;
  score: number;
  /** Where the sum behind the score starts, in log-odds. */
  base?: number;
  target: Target;
  started_at: number;
  detected_at: number;
  updated_at: number;
  ended_at: number | null;
  participants: Participants;
  interactions: { total: number; per_minute: number; window_ms: number };
  signals: Signal[];
  sources: { community: string; share: number; expected: number; lift: number }[];
  instigators: { account: string; score: number; evidence: string[] }[];
  roles: { account: string; role: Role; confidence: number; events: string[] }[];
  groups: { accounts: string[]; how: string; evidence: string[] }[];
  evidence: { events: string[]; digest: string; previous_digest: string | null; first: number; last: number };
  protections: Protection[];
  forecast: { peak_at: number; participants: number } | null;
  quality: { late: number; mended: number; degraded: string[] };
  engine: { version: string; config_digest: string; model: string };
}

export interface RevisionLine {
  revision: number;
  updated_at: number;
  status: Status;
  verdict: Verdict;
  severity: Severity;
  score: number;
  participants: number | Participants;
}

export interface DecisionLine {
  decision: Decision;
  reason: string | null;
  note: string | null;
  revision: number;
  by: Person | string | null;
  at: number;
}

export interface NoteLine {
  id?: string | number;
  text: string;
  by: Person | string | null;
  at: number;
}

export interface HistoryLine {
  action: string;
  by: Person | string | null;
  at: number;
  detail?: Record<string, unknown>;
}

export interface Case {
  row: Row;
  alert: Alert;
  revisions: RevisionLine[];
  decisions: DecisionLine[];
  notes: NoteLine[];
  history: HistoryLine[];
  related: Row[];
}

export interface Interaction {
  event: string;
  time: number;
  account: string;
  type: string;
  community: string | null;
  home: string | null;
  thread: string | null;
  parent: string | null;
  stranger: boolean;
  fresh: boolean;
  has_text: boolean;
  erased: boolean;
}

export interface Participant {
  account: string;
  role: Role | null;
  confidence: number | null;
  /** Absent for those who did not come to the target but answer who did. */
  first_at?: number | null;
  home?: string | null;
  stranger?: boolean;
  fresh?: boolean;
  interactions: number;
}

export interface Minute {
  start: number;
  newcomers: number;
  interactions: number;
  shares: number;
}

export interface Evidence {
  interactions: Interaction[];
  accounts: Participant[];
  /** Who addressed whom while it lasted, and how often. */
  ties: [string, string, number][];
  /** Who was lately at the same other accounts, and at how many. */
  in_common?: [string, string, number][];
  minutes: Minute[];
  usual_per_minute: number | null;
  omitted: { interactions: number; digest?: string } | null;
}

export interface Health {
  now: number;
  newest_event: number | null;
  stale: boolean;
  silent: boolean;
  feed: "ok" | "away";
  outbox: number;
  version: string;
}

export interface Preferences {
  locale?: "en" | "zh-Hans";
  theme?: "dark" | "light" | "system";
  blur?: boolean;
}

export interface Session {
  user: { id: string; name: string; role: Rank };
  csrf: string;
  preferences: Preferences;
  demo?: boolean;
}

export interface SignInOptions {
  providers: { id: string; name: string }[];
  local: boolean;
}

export interface User {
  id: string;
  name: string;
  role: Rank;
  disabled: boolean;
}

export interface SavedView {
  id: string | number;
  name: string;
  query: string;
}

export interface AuditLine {
  seq: number;
  at: number;
  user: string | null;
  name: string | null;
  action: string;
  alert: string | null;
  detail: Record<string, unknown>;
}

/** A person's name wherever the API may give either the person or the bare name. */
export function nameOf(person: Person | string | null | undefined): string {
  if (!person) return "";
  return typeof person === "string" ? person : person.name;
}
