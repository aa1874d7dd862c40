/** People and ties as arrays, in the order in which they came; people placed with those of their home community. */
import type { Alert, Evidence, Role } from "../types";

export const ROLE_CODES: readonly Role[] = ["bystander", "attacker", "defender", "instigator"];

export interface Cluster {
  /** The community; null where homes are not known, or where it gathers many small ones. */
  name: string | null;
  kind: "home" | "unknown" | "others" | "around" | "role";
  /** How many communities it gathers, if it is `others`; which role, if it is one. */
  communities: number;
  role: Role | null;
  count: number;
  x: number;
  y: number;
  r: number;
}

export interface Link {
  a: number;
  b: number;
  /** From when on it is seen. */
  time: number;
}

export interface Model {
  accounts: string[];
  index: Map<string, number>;
  role: Uint8Array;
  first: Float64Array;
  cluster: Uint16Array;
  stranger: Uint8Array;
  fresh: Uint8Array;
  interactions: Uint32Array;
  confidence: Float32Array;
  /** x and y of each, one after the other. */
  place: Float32Array;
  clusters: Cluster[];
  /** Those who were at the same other accounts before. */
  ties: Link[];
  /** Those who addressed one another while it lasted. */
  answers: Link[];
  groups: number[][];
  /** Whether times are known. */
  timed: boolean;
}

const MOST_CLUSTERS = 18;
const SPACING = 9;
const GAP = 18;
const CLEAR = 64;
/** How much wider than high the picture is. */
const WIDE = 1.5;
const MOST_LINKS = 4_000;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

interface Seed {
  account: string;
  role: Role;
  confidence: number;
  first: number;
  home: string | null;
  stranger: boolean;
  fresh: boolean;
  interactions: number;
  /** Whether he did not come to the target but answers those who did. */
  around: boolean;
}

/** When those who only answer others came in: with the first whom they answer. */
function firsts(alert: Alert, evidence: Evidence | null): Map<string, number> {
  const known = new Map<string, number>();
  for (const one of evidence?.accounts ?? []) if (one.first_at) known.set(one.account, one.first_at);
  const found = new Map(known);
  for (const [a, b] of evidence?.ties ?? [])
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const time = known.get(other);
      if (!known.has(one) && time !== undefined) found.set(one, Math.min(time, found.get(one) ?? Infinity));
    }
  for (const one of evidence?.accounts ?? []) if (!found.has(one.account)) found.set(one.account, alert.started_at);
  return found;
}

function seeds(alert: Alert, evidence: Evidence | null): Seed[] {
  const roles = new Map(alert.roles.map((one) => [one.account, one]));
  const found = new Map<string, Seed>();
  const first = firsts(alert, evidence);
  for (const one of evidence?.accounts ?? []) {
    const said = roles.get(one.account);
    found.set(one.account, {
      account: one.account,
      role: said?.role ?? one.role ?? "bystander",
      confidence: said?.confidence ?? one.confidence ?? 0,
      first: first.get(one.account) ?? alert.started_at,
      home: one.home ?? null,
      stranger: one.stranger ?? false,
      fresh: one.fresh ?? false,
      interactions: one.interactions,
      around: !one.first_at,
    });
  }
  const extra = (account: string, role: Role, confidence: number, interactions: number) => {
    if (!found.has(account))
      found.set(account, { account, role, confidence, first: alert.started_at, home: null, stranger: true, fresh: false, interactions, around: evidence !== null });
  };
  for (const one of alert.roles) extra(one.account, one.role, one.confidence, one.events.length);
  for (const one of alert.instigators) if (one.score >= 0.5) extra(one.account, "instigator", one.score, one.evidence.length);
  return [...found.values()].sort((a, b) => a.first - b.first || (a.account < b.account ? -1 : 1));
}

function clustersOf(people: Seed[], byRole: boolean): { clusters: Cluster[]; of: Uint16Array } {
  const empty = { x: 0, y: 0, r: 0 };
  const of = new Uint16Array(people.length);
  if (byRole) {
    const kinds = ROLE_CODES.filter((role) => people.some((one) => one.role === role));
    people.forEach((one, at) => (of[at] = kinds.indexOf(one.role)));
    const clusters = kinds.map((role) => ({ name: null, kind: "role" as const, communities: 0, role, count: people.filter((one) => one.role === role).length, ...empty }));
    return { clusters, of };
  }
  const counts = new Map<string, number>();
  for (const one of people) if (one.home !== null && !one.around) counts.set(one.home, (counts.get(one.home) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const large = ranked.slice(0, MOST_CLUSTERS).filter(([, count], at) => at < 5 || count > 1);
  const clusters: Cluster[] = large.map(([name, count]) => ({ name, kind: "home", communities: 1, role: null, count, ...empty }));
  const slots = new Map(large.map(([name], at) => [name, at]));
  const others = ranked.slice(large.length);
  if (others.length)
    clusters.push({ name: null, kind: "others", communities: others.length, role: null, count: others.reduce((sum, one) => sum + one[1], 0), ...empty });
  const rest = (kind: "unknown" | "around", count: number): number =>
    count ? clusters.push({ name: null, kind, communities: 0, role: null, count, ...empty }) - 1 : 0;
  const unknown = rest("unknown", people.filter((one) => one.home === null && !one.around).length);
  const around = rest("around", people.filter((one) => one.around).length);
  people.forEach((one, at) => {
    of[at] = one.around ? around : one.home === null ? unknown : (slots.get(one.home) ?? large.length);
  });
  return { clusters, of };
}

/** Puts circles around the middle, the largest first, each as near as it fits. */
function pack(clusters: Cluster[]): void {
  const placed: Cluster[] = [];
  let turn = -Math.PI / 2;
  for (const one of clusters.toSorted((a, b) => b.count - a.count)) {
    one.r = SPACING * Math.sqrt(one.count) + 10;
    search: for (let distance = CLEAR + one.r; ; distance += 6) {
      for (let step = 0; step < 48; step++) {
        const angle = turn + (step % 2 ? -1 : 1) * Math.ceil(step / 2) * (Math.PI / 24);
        const x = Math.cos(angle) * distance * WIDE;
        const y = Math.sin(angle) * distance;
        if (placed.every((other) => Math.hypot(other.x - x, other.y - y) > other.r + one.r + GAP)) {
          one.x = x;
          one.y = y;
          turn = angle + Math.PI * 0.9;
          break search;
        }
      }
    }
    placed.push(one);
  }
}

export function modelOf(alert: Alert, evidence: Evidence | null): Model {
  const people = seeds(alert, evidence);
  const timed = Boolean(evidence?.accounts.length);
  const { clusters, of } = clustersOf(people, !timed);
  pack(clusters);
  const size = people.length;
  const model: Model = {
    accounts: people.map((one) => one.account),
    index: new Map(people.map((one, at) => [one.account, at])),
    role: Uint8Array.from(people, (one) => Math.max(0, ROLE_CODES.indexOf(one.role))),
    first: Float64Array.from(people, (one) => one.first),
    cluster: of,
    stranger: Uint8Array.from(people, (one) => Number(one.stranger)),
    fresh: Uint8Array.from(people, (one) => Number(one.fresh)),
    interactions: Uint32Array.from(people, (one) => one.interactions),
    confidence: Float32Array.from(people, (one) => one.confidence),
    place: new Float32Array(2 * size),
    clusters,
    ties: [],
    answers: [],
    groups: [],
    timed,
  };
  const seen = new Uint32Array(clusters.length);
  for (let at = 0; at < size; at++) {
    const which = of[at] ?? 0;
    const cluster = clusters[which];
    if (!cluster) continue;
    const rank = seen[which] ?? 0;
    seen[which] = rank + 1;
    const radius = SPACING * Math.sqrt(rank + 0.35) * 0.96;
    model.place[2 * at] = cluster.x + Math.cos(rank * GOLDEN) * radius;
    model.place[2 * at + 1] = cluster.y + Math.sin(rank * GOLDEN) * radius;
  }
  const both = (a: string, b: string): Link | null => {
    const from = model.index.get(a);
    const to = model.index.get(b);
    if (from === undefined || to === undefined || from === to) return null;
    return { a: from, b: to, time: Math.max(model.first[from] ?? 0, model.first[to] ?? 0) };
  };
  const linked = (pairs: [string, string, number][]): Link[] =>
    pairs
      .toSorted((a, b) => b[2] - a[2])
      .slice(0, MOST_LINKS)
      .flatMap(([a, b]) => both(a, b) ?? [])
      .sort((a, b) => a.time - b.time);
  model.ties = linked(evidence?.in_common ?? []);
  model.answers = linked(evidence?.ties ?? []);
  model.groups = alert.groups.map((one) => one.accounts.flatMap((account) => model.index.get(account) ?? [])).filter((one) => one.length > 1);
  return model;
}

/** How many of a sorted list are at or before a time. */
export function upTo(sorted: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
