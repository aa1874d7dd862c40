/** What the queue shows: filters, search and order, as they stand in the address and in saved views. */
import { session } from "../api";
import type { Row } from "../types";

export type Sort = "priority" | "updated" | "started" | "participants";
export const SORTS: readonly Sort[] = ["priority", "updated", "started", "participants"];

export interface Query {
  status: string[];
  verdict: string[];
  severity: string[];
  assignee: string;
  decided: "" | "yes" | "no";
  snoozed: "yes" | "no" | "any";
  q: string;
  sort: Sort;
}

export const LIVE = ["open", "escalating", "peaking", "subsiding"];

export const EMPTY: Query = {
  status: [],
  verdict: [],
  severity: [],
  assignee: "",
  decided: "",
  snoozed: "no",
  q: "",
  sort: "priority",
};

export function write(query: Query): string {
  const said = new URLSearchParams();
  for (const name of ["status", "verdict", "severity"] as const)
    if (query[name].length) said.set(name, query[name].join(","));
  if (query.assignee) said.set("assignee", query.assignee);
  if (query.decided) said.set("decided", query.decided);
  if (query.snoozed !== "no") said.set("snoozed", query.snoozed);
  if (query.q) said.set("q", query.q);
  if (query.sort !== "priority") said.set("sort", query.sort);
  return said.toString();
}

export function read(search: string): Query {
  const said = new URLSearchParams(search);
  const many = (name: string) => (said.get(name) ?? "").split(",").filter(Boolean);
  const sort = said.get("sort") as Sort;
  const decided = said.get("decided");
  const snoozed = said.get("snoozed");
  return {
    status: many("status"),
    verdict: many("verdict"),
    severity: many("severity"),
    assignee: said.get("assignee") ?? "",
    decided: decided === "yes" || decided === "no" ? decided : "",
    snoozed: snoozed === "yes" || snoozed === "any" ? snoozed : "no",
    q: said.get("q") ?? "",
    sort: SORTS.includes(sort) ? sort : "priority",
  };
}

/** Whether a row that the stream brings belongs to what is shown: the server's own rules. */
export function matches(query: Query, row: Row): boolean {
  if (query.status.length && !query.status.includes(row.status)) return false;
  if (query.verdict.length && !query.verdict.includes(row.verdict)) return false;
  if (query.severity.length && !query.severity.includes(row.severity)) return false;
  if (query.assignee) {
    const wanted = query.assignee === "me" ? session.peek()?.user.id : query.assignee;
    if (query.assignee === "none" ? row.assignee : row.assignee?.id !== wanted) return false;
  }
  if (query.decided && (query.decided === "yes") !== (row.decision !== null)) return false;
  if (query.snoozed !== "any" && (query.snoozed === "yes") !== (row.snooze !== null)) return false;
  if (query.q) {
    const wanted = query.q.toLowerCase();
    if (!row.id.toLowerCase().includes(wanted) && !row.target.id.toLowerCase().includes(wanted)) return false;
  }
  return true;
}

export function key(sort: Sort, row: Row): number {
  if (sort === "priority") return row.priority;
  if (sort === "updated") return row.updated_at;
  if (sort === "started") return row.started_at;
  return row.participants.total;
}

/** Highest first; equal ones by id, so that the order is always the same. */
export function before(sort: Sort, a: Row, b: Row): number {
  return key(sort, b) - key(sort, a) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
