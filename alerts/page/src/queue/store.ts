/**
 * The rows of the queue, live. A row that is shown changes in place, once a frame. The order changes and rows come and go only
 * while nobody points at the list or works in it; until then what waits is counted.
 */
import { batch, computed, signal, type Signal } from "@preact/signals";
import { get } from "../api";
import { listen } from "../stream/client";
import type { Row } from "../types";
import { before, EMPTY, matches, read, write, type Query } from "./query";

export const PAGE = 50;
/** How often the order may change by itself: faster than this nobody can follow. */
const ORDER_EVERY_MS = 1_000;
const COUNT_EVERY_MS = 5_000;
/** How many rows are remembered beyond those shown. */
const REMEMBERED = 500;

interface Listed {
  alerts: Row[];
  next: string | null;
  total: number;
}

export const query = signal<Query>(read(location.search));
export const shown = signal<Signal<Row>[]>([]);
export const total = signal(0);
export const loading = signal(true);
export const failure = signal<unknown>(null);
export const more = signal(false);
export const paused = signal(false);
/** Whether somebody points at the list or has the focus in it. */
export const pointed = signal(false);
export const focused = signal(false);
export const held = computed(() => paused.value || pointed.value || focused.value);
export const newOnes = signal(0);
export const changedOnes = signal(0);
export const reordered = signal(false);
/** Rows that are shown still though they match no longer. */
export const left = signal<ReadonlySet<string>>(new Set());

const rows = new Map<string, Row>();
const cells = new Map<string, Signal<Row>>();
let limit = PAGE;
let cursor: string | null = null;
/** The last row that the server listed: below it, what is known has gaps. */
let floor: Row | null = null;
const fresh = new Set<string>();
const changed = new Set<string>();
let asked: AbortController | undefined;
let orderedAt = 0;
let counting: ReturnType<typeof setTimeout> | undefined;
let due: ReturnType<typeof setTimeout> | undefined;

function cell(row: Row): Signal<Row> {
  let one = cells.get(row.id);
  if (!one) cells.set(row.id, (one = signal(row)));
  else if (one.peek() !== row) one.value = row;
  return one;
}

function wanted(): Row[] {
  const { sort } = query.peek();
  const all = [...rows.values()].filter((row) => matches(query.peek(), row) && (!floor || before(sort, row, floor) <= 0));
  all.sort((a, b) => before(sort, a, b));
  return all;
}

/** Brings what is shown up to date, order and all. */
export function apply(): void {
  clearTimeout(due);
  due = undefined;
  orderedAt = performance.now();
  const all = wanted();
  const top = all.slice(0, limit);
  batch(() => {
    const cellsNow = top.map(cell);
    const now = shown.peek();
    if (cellsNow.length !== now.length || cellsNow.some((one, at) => one !== now[at])) shown.value = cellsNow;
    more.value = all.length > limit || cursor !== null;
    newOnes.value = changedOnes.value = 0;
    reordered.value = false;
    if (left.peek().size) left.value = new Set();
  });
  fresh.clear();
  changed.clear();
  prune(all, top);
}

/** Forgets what is far below what is shown. */
function prune(all: Row[], top: Row[]): void {
  const kept = new Set(top.map((row) => row.id));
  for (const id of cells.keys()) if (!kept.has(id)) cells.delete(id);
  if (rows.size <= limit + REMEMBERED) return;
  const most = limit + REMEMBERED / 2;
  const near = new Set(all.slice(0, most).map((row) => row.id));
  for (const id of rows.keys()) if (!near.has(id) && !kept.has(id)) rows.delete(id);
  const last = all[most - 1];
  // What was forgotten has to be asked for again, so the list ends where memory does.
  if (last && all.length > most) {
    floor = last;
    cursor ??= "";
  }
}

/** Applies now, or when it may. */
function settle(): void {
  if (held.peek()) {
    if (rows.size > limit + 4 * REMEMBERED) prune(wanted(), shown.peek().map((one) => one.peek()));
    return note();
  }
  const wait = orderedAt + ORDER_EVERY_MS - performance.now();
  if (wait <= 0) apply();
  else due ??= setTimeout(() => (held.peek() ? ((due = undefined), note()) : apply()), wait);
}

/** Counts what waits. */
function note(): void {
  batch(() => {
    newOnes.value = fresh.size;
    changedOnes.value = paused.peek() ? changed.size : 0;
    if (!reordered.peek() && !paused.peek()) {
      const { sort } = query.peek();
      const ids = shown.peek().map((one) => one.peek().id);
      let last: Row | undefined;
      for (const id of ids) {
        const row = rows.get(id);
        if (!row) continue;
        if (last && before(sort, last, row) > 0) {
          reordered.value = true;
          break;
        }
        last = row;
      }
    }
  });
}

function take(row: Row): void {
  const known = rows.get(row.id);
  if (known && known.seq >= row.seq && known.revision >= row.revision) return;
  const fits = matches(query.peek(), row);
  const one = cells.get(row.id);
  const seen = one !== undefined;
  if (!known && !fits) return;
  rows.set(row.id, row);
  if (seen && !paused.peek()) one.value = row;
  if (seen) {
    changed.add(row.id);
    const out = left.peek();
    if (fits === out.has(row.id)) {
      const next = new Set(out);
      if (fits) next.delete(row.id);
      else next.add(row.id);
      left.value = next;
    }
  } else if (fits && (!floor || before(query.peek().sort, row, floor) <= 0)) {
    const last = shown.peek().at(limit - 1)?.peek();
    if (!last || before(query.peek().sort, row, last) < 0) fresh.add(row.id);
  } else {
    fresh.delete(row.id);
  }
  if (fits !== (known !== undefined && matches(query.peek(), known))) recount();
}

/** How many there are is the server's to say; asked for now and then while it may have changed. */
function recount(): void {
  counting ??= setTimeout(async () => {
    counting = undefined;
    const said = new URLSearchParams(write(query.peek()));
    said.set("limit", "1");
    try {
      total.value = (await get<Listed>(`/alerts?${said}`)).total;
    } catch {
      // Said by the banner already.
    }
  }, COUNT_EVERY_MS);
}

function receive(changes: Row[]): void {
  batch(() => {
    for (const row of changes) take(row);
  });
  settle();
}

function ask(signal_: AbortSignal, after: string | null): Promise<Listed> {
  const said = new URLSearchParams(write(query.peek()));
  said.set("limit", String(PAGE));
  if (after) said.set("cursor", after);
  return get<Listed>(`/alerts?${said}`, signal_);
}

/** Asks for the list anew. While somebody works in it, what is shown stays until they let go. */
export async function load(quiet = false): Promise<void> {
  asked?.abort();
  const mine = (asked = new AbortController());
  if (!quiet) loading.value = true;
  try {
    let listed = await ask(mine.signal, null);
    const found = [...listed.alerts];
    while (quiet && found.length < limit && listed.next) {
      listed = await ask(mine.signal, listed.next);
      found.push(...listed.alerts);
    }
    if (!quiet) {
      rows.clear();
      fresh.clear();
      limit = PAGE;
    }
    batch(() => {
      failure.value = null;
      if (quiet) {
        const ids = new Set(found.map((row) => row.id));
        for (const id of rows.keys()) if (!ids.has(id) && !cells.has(id)) rows.delete(id);
        for (const row of found) {
          if (!cells.has(row.id) && !rows.has(row.id)) fresh.add(row.id);
          const known = rows.get(row.id);
          if (!known || known.seq < row.seq) {
            rows.set(row.id, row);
            if (!paused.peek()) cells.get(row.id) && cell(row);
          }
        }
      } else for (const row of found) rows.set(row.id, row);
      cursor = listed.next;
      floor = listed.next ? (found.at(-1) ?? null) : null;
      total.value = listed.total;
      loading.value = false;
      if (quiet && held.peek()) note();
      else apply();
    });
  } catch (error) {
    if (mine.signal.aborted) return;
    loading.value = false;
    if (!quiet || shown.peek().length === 0) failure.value = error;
  }
}

/** Shows the next page below. */
export async function showMore(): Promise<void> {
  limit += PAGE;
  if (wanted().length < limit && cursor !== null) {
    const mine = (asked = new AbortController());
    try {
      const listed = await ask(mine.signal, cursor);
      for (const row of listed.alerts) if (!rows.has(row.id)) rows.set(row.id, row);
      cursor = listed.next;
      floor = listed.next ? (listed.alerts.at(-1) ?? floor) : null;
      total.value = listed.total;
    } catch (error) {
      failure.value = error;
    }
  }
  apply();
}

export function setQuery(change: Partial<Query>): void {
  query.value = { ...query.peek(), ...change };
  const said = write(query.peek());
  history.replaceState(null, "", `/${said ? `?${said}` : ""}`);
  void load();
}

export function clearQuery(): void {
  setQuery({ ...EMPTY, sort: query.peek().sort });
}

/** A row that an action of one's own has changed: shown at once. */
export function put(row: Row): void {
  rows.set(row.id, row);
  const one = cells.get(row.id);
  if (one) one.value = row;
  if (!matches(query.peek(), row)) left.value = new Set([...left.peek(), row.id]);
}

export function pause(wanted_: boolean): void {
  paused.value = wanted_;
  if (!wanted_) {
    for (const [id, one] of cells) {
      const row = rows.get(id);
      if (row) one.value = row;
    }
    apply();
  }
}

held.subscribe((now) => {
  if (!now && (fresh.size || reordered.peek() || left.peek().size)) settle();
});

listen(receive, () => {
  if (loading.peek()) void load();
  else void load(true);
});

/** The ids in the order shown, to go from case to case. */
export function neighbours(id: string): { previous: string | null; next: string | null; at: number } {
  const ids = shown.peek().map((one) => one.peek().id);
  const at = ids.indexOf(id);
  return { previous: at > 0 ? (ids[at - 1] ?? null) : null, next: at >= 0 ? (ids[at + 1] ?? null) : null, at };
}
