/** What the shared stream says to the tabs, and they to it. Data stays text: each tab reads it when it needs to. */

export type Said =
  | { kind: "rows"; data: string }
  | { kind: "status"; data: string }
  | { kind: "reset" }
  | { kind: "state"; state: "connecting" | "open" | "closed" };

export type Asked = { ask: "open" } | { ask: "close" } | { ask: "leave" };
