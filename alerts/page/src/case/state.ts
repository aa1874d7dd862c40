/** What is looked at within one case: its evidence, the moment on the timeline, whom and which events one has picked. */
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Alert, Case, Evidence, Interaction } from "../types";

export interface Picked {
  /** Which events; null for all by the account. */
  events: ReadonlySet<string> | null;
  account: string | null;
  /** What the choice is called: a signal's name, or empty. */
  signal: string;
}

export interface CaseState {
  case: Signal<Case>;
  evidence: Signal<Evidence | null>;
  /** The moment shown; null follows the newest. */
  moment: Signal<number | null>;
  at: ReadonlySignal<number>;
  span: ReadonlySignal<[number, number]>;
  picked: Signal<Picked | null>;
  account: Signal<string | null>;
  /** Texts that were revealed, by event. */
  revealed: Signal<ReadonlyMap<string, string | null>>;
}

function bounds(alert: Alert, evidence: Evidence | null): [number, number] {
  let from = alert.started_at;
  let to = alert.evidence.last || alert.updated_at;
  for (const one of evidence?.accounts ?? []) if (one.first_at && one.first_at < from) from = one.first_at;
  for (const one of evidence?.interactions ?? []) if (one.time > to) to = one.time;
  return [from, Math.max(to, from + 60_000)];
}

export function stateOf(found: Case, evidence: Evidence | null): CaseState {
  const caseSignal = signal(found);
  const evidenceSignal = signal(evidence);
  const moment = signal<number | null>(null);
  const span = computed(() => bounds(caseSignal.value.alert, evidenceSignal.value));
  return {
    case: caseSignal,
    evidence: evidenceSignal,
    moment,
    span,
    at: computed(() => moment.value ?? span.value[1]),
    picked: signal(null),
    account: signal(null),
    revealed: signal(new Map()),
  };
}

/** The events that stand behind a signal, as far as single ones do. */
export function behind(name: string, alert: Alert, evidence: Evidence | null): string[] {
  const all = evidence?.interactions ?? [];
  const of = (test: (one: Interaction) => boolean) => all.filter(test).map((one) => one.event);
  const by = (role: string) => {
    const named = alert.roles.filter((one) => one.role === role);
    const accounts = new Set(named.map((one) => one.account));
    return all.length ? of((one) => accounts.has(one.account)) : named.flatMap((one) => one.events);
  };
  const groups = (how: string) => {
    const found = alert.groups.filter((one) => one.how === how);
    const members = new Set(found.flatMap((one) => one.accounts));
    const known = of((one) => members.has(one.account));
    return known.length ? known : found.flatMap((one) => one.evidence);
  };
  switch (name) {
    case "strangers":
      return of((one) => one.stranger);
    case "accounts":
      return of((one) => one.fresh);
    case "origin": {
      const community = alert.signals.find((one) => one.name === "origin")?.parameters.community;
      return community === undefined ? [] : of((one) => one.home === community);
    }
    case "outsiders": {
      const home = alert.target.kind === "community" ? alert.target.id : null;
      return of((one) => one.home !== null && one.home !== (home ?? one.community));
    }
    case "hostility":
      return by("attacker");
    case "defended":
      return by("defender");
    case "copies":
      return groups("same_text");
    case "together":
      return groups("together_before");
    case "surge":
    case "step": {
      const minutes = evidence?.minutes ?? [];
      const busiest = minutes.reduce<(typeof minutes)[number] | null>((best, one) => (!best || one.newcomers > best.newcomers ? one : best), null);
      return busiest ? of((one) => one.time >= busiest.start && one.time < busiest.start + 60_000) : [];
    }
    default:
      return [];
  }
}

/** The 95 % interval of a share counted as `share` of `n` (Wilson 1927). */
export function interval(share: number, n: number): [number, number] {
  if (n <= 0) return [0, 1];
  const z = 1.96;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
