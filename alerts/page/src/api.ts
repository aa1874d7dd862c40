/** The console's API: the only thing that the page talks to. */
import { signal } from "@preact/signals";
import { known, setLocale, t, type Key } from "./i18n";
import type { Preferences, Session, SignInOptions } from "./types";

const BASE = "/api/v1";

export const session = signal<Session | null>(null);
export const signInOptions = signal<SignInOptions>({ providers: [], local: true });

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const BY_STATUS: Record<number, Key> = {
  0: "error.network",
  400: "error.invalid",
  401: "error.unauthenticated",
  403: "error.forbidden",
  404: "error.not_found",
  409: "error.conflict",
  410: "error.not_found",
  422: "error.invalid",
  429: "error.too_many",
};

/** What went wrong, in the language in force. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.other", { code: error instanceof Error ? error.name : "?" });
  const key = `error.${error.code}`;
  if (known(key)) return t(key);
  const general = BY_STATUS[error.status];
  return general ? t(general) : t("error.other", { code: error.code || error.status });
}

async function call(method: string, path: string, body?: unknown, signal_?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session.value) headers["X-CSRF-Token"] = session.value.csrf;
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal_ ? { signal: signal_ } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "network", "unreachable");
  }
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
  if (answer.status === 401 && session.value && path !== "/session") ended();
  throw new ApiError(answer.status, said.error?.code ?? "", said.error?.message ?? answer.statusText);
}

export async function get<T>(path: string, signal_?: AbortSignal): Promise<T> {
  return (await (await call("GET", path, undefined, signal_)).json()) as T;
}

export async function send<T = unknown>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  const text = await (await call(method, path, body)).text();
  return (text ? JSON.parse(text) : null) as T;
}

export const alertPath = (id: string): string => `/alerts/${encodeURIComponent(id)}`;
export const exportAddress = (id: string, form: string): string => `${BASE}${alertPath(id)}/export.${form}`;
export const providerAddress = (id: string): string => `${BASE}/oidc/${encodeURIComponent(id)}/login`;
export const STREAM = `${BASE}/stream`;

export const sessionEnded = signal(false);

function ended(): void {
  session.value = null;
  sessionEnded.value = true;
  void loadSession();
}

function applied(wanted: Preferences): void {
  if (wanted.locale) setLocale(wanted.locale);
  if (wanted.theme) applyTheme(wanted.theme);
}

export function applyTheme(theme: NonNullable<Preferences["theme"]>): void {
  localStorage.setItem("breakwater.theme", theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Who is signed in; without anybody, how one may sign in. */
export async function loadSession(): Promise<void> {
  const answer = await fetch(`${BASE}/session`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const body = (await answer.json()) as Session & Partial<SignInOptions>;
  if (answer.ok) {
    session.value = body;
    applied(body.preferences);
  } else {
    session.value = null;
    signInOptions.value = { providers: body.providers ?? [], local: body.local ?? true };
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  await send("POST", "/session", { name, password });
  await loadSession();
  sessionEnded.value = false;
}

export async function signInByLink(token: string): Promise<void> {
  await send("POST", "/session/link", { token });
  await loadSession();
  sessionEnded.value = false;
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/session");
  session.value = null;
  await loadSession();
}

export async function savePreferences(change: Preferences): Promise<void> {
  const now = session.value;
  if (!now) return;
  const preferences = { ...now.preferences, ...change };
  session.value = { ...now, preferences };
  applied(change);
  await send("PUT", "/me/preferences", preferences);
}

const ORDER = { viewer: 0, analyst: 1, admin: 2 } as const;

/** Whether the one who is signed in may do what this role may. */
export function may(rank: keyof typeof ORDER): boolean {
  const role = session.value?.user.role;
  return role !== undefined && ORDER[role] >= ORDER[rank];
}
