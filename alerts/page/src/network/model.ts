/** People and ties as arrays, in the order in which they came; people placed with those of their home community. */
import type { Alert, Evidence, Role } from "../types";

export const ROLE_CODES: readonly Role[] = ["bystander", "attacker", "defender", "instigator"];

export interface Cluster {
  /** The community; null where homes are not known, or where it gathers many small ones. */
  name: string | null;
  kind: "home" | "unknown" | "others" | "role";
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
  ties: Link[];
  answers: Link[];
  groups: number[][];
  /** Half the side of the square in which all lie. */
  extent: number;
  /** Whether times are known. */
  timed: boolean;
}

const MOST_CLUSTERS = 18;
const SPACING = 9;
const GAP = 16;
const CLEAR = 46;
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
}

function seeds(alert: Alert, evidence: Evidence | null): Seed[] {
  const roles = new Map(alert.roles.map((one) => [one.account, one]));
  const found = new Map<string, Seed>();
  for (const one of evidence?.accounts ?? []) {
    const said = roles.get(one.account);
    found.set(one.account, {
      account: one.account,
      role: said?.role ?? one.role ?? "bystander",
      confidence: said?.confidence ?? one.confidence ?? 0,
      first: one.first_at,
      home: one.home,
      stranger: one.stranger,
      fresh: one.fresh,
      interactions: one.interactions,
    });
  }
  const extra = (account: string, role: Role, confidence: number, interactions: number) => {
    if (!found.has(account))
      found.set(account, { account, role, confidence, first: alert.started_at, home: null, stranger: true, fresh: false, interactions });
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
  for (const one of people) if (one.home !== null) counts.set(one.home, (counts.get(one.home) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const large = ranked.slice(0, MOST_CLUSTERS).filter(([, count], at) => at < 5 || count > 1);
  const clusters: Cluster[] = large.map(([name, count]) => ({ name, kind: "home", communities: 1, role: null, count, ...empty }));
  const slots = new Map(large.map(([name], at) => [name, at]));
  const others = ranked.slice(large.length);
  if (others.length)
    clusters.push({ name: null, kind: "others", communities: others.length, role: null, count: others.reduce((sum, one) => sum + one[1], 0), ...empty });
  const unknown = people.filter((one) => one.home === null).length;
  if (unknown) clusters.push({ name: null, kind: "unknown", communities: 0, role: null, count: unknown, ...empty });
  people.forEach((one, at) => {
    of[at] = one.home === null ? clusters.length - 1 : (slots.get(one.home) ?? large.length);
  });
  return { clusters, of };
}

/** Puts circles around the middle, the largest first, each as near as it fits. */
function pack(clusters: Cluster[]): number {
  const placed: Cluster[] = [];
  let extent = CLEAR * 2;
  let turn = -Math.PI / 2;
  for (const one of clusters.toSorted((a, b) => b.count - a.count)) {
    one.r = SPACING * Math.sqrt(one.count) + 10;
    search: for (let distance = CLEAR + one.r; ; distance += 6) {
      for (let step = 0; step < 48; step++) {
        const angle = turn + (step % 2 ? -1 : 1) * Math.ceil(step / 2) * (Math.PI / 24);
        const x = Math.cos(angle) * distance * 1.25;
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
    extent = Math.max(extent, Math.abs(one.x) + one.r, Math.abs(one.y) + one.r);
  }
  return extent + 24;
}

function answersOf(evidence: Evidence, index: Map<string, number>): Link[] {
  const authors = new Map(evidence.interactions.map((one) => [one.event, one.account]));
  const found: Link[] = [];
  for (const one of evidence.interactions) {
    const other = one.parent === null ? undefined : authors.get(one.parent);
    if (other === undefined || other === one.account) continue;
    const a = index.get(one.account);
    const b = index.get(other);
    if (a !== undefined && b !== undefined) found.push({ a, b, time: one.time });
  }
  return found.slice(0, MOST_LINKS);
}

export function modelOf(alert: Alert, evidence: Evidence | null): Model {
  const people = seeds(alert, evidence);
  const timed = Boolean(evidence?.accounts.length);
  const { clusters, of } = clustersOf(people, !timed);
  const extent = pack(clusters);
  const size = people.length;
  const model: Model = {
    accounts: people.map((one) => one.account),
    index: new Map(people.map((one, at) => [one.account, at])),
    role: Uint8Array.from(people, (one) => ROLE_CODES.indexOf(one.role)),
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
    extent,
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
  const ties = (evidence?.ties ?? []).toSorted((a, b) => b[2] - a[2]).slice(0, MOST_LINKS);
  model.ties = ties.flatMap(([a, b]) => both(a, b) ?? []).sort((a, b) => a.time - b.time);
  if (evidence) model.answers = answersOf(evidence, model.index).sort((a, b) => a.time - b.time);
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
