/** What one can do with a case, from the queue and from the case: decide, assign, snooze, note. */
import { signal } from "@preact/signals";
import { useEffect, useId, useState } from "preact/hooks";
import { alertPath, get, may, send, session } from "./api";
import { likelihood, moment, named, t } from "./i18n";
import { bind, type Bindings } from "./keys";
import { Id } from "./safe";
import { serverNow } from "./stream/client";
import { Dialog } from "./ui/dialog";
import { attempt } from "./ui/toast";
import { DECISIONS, REASONS, type Decision, type Person, type Reason, type Row } from "./types";

type Open =
  | { what: "decide"; row: Row; decision: Decision | null }
  | { what: "snooze" | "assign" | "note"; row: Row };

const open = signal<Open | null>(null);
/** Counts what was done, so that a case that is open asks for itself anew. */
export const acted = signal(0);

const done = (): void => {
  open.value = null;
  acted.value += 1;
};

async function act(action: () => Promise<unknown>, said: string): Promise<void> {
  if (await attempt(action, said)) done();
}

export const decide = (row: Row, decision: Decision | null): void => {
  if (may("analyst")) open.value = { what: "decide", row, decision };
};
export const snooze = (row: Row): void => {
  if (may("analyst")) open.value = { what: "snooze", row };
};
export const assign = (row: Row): void => {
  if (may("analyst")) open.value = { what: "assign", row };
};
export const note = (row: Row): void => {
  if (may("analyst")) open.value = { what: "note", row };
};

async function setAssignee(row: Row, person: Person | null): Promise<void> {
  await act(
    () => send("POST", `${alertPath(row.id)}/assignee`, { user: person?.id ?? null }),
    person ? t("assign.done", { name: person.name }) : t("assign.done_none"),
  );
}

/** Mine, or given back when it is mine already. */
export function assignMe(row: Row): void {
  const me = session.peek()?.user;
  if (me && may("analyst")) void setAssignee(row, row.assignee?.id === me.id ? null : me);
}

export function unsnooze(row: Row): void {
  void act(() => send("DELETE", `${alertPath(row.id)}/snooze`), t("snooze.ended"));
}

/** The keys for the case that is at hand. */
export function bindActions(at: () => Row | null): () => void {
  const on = (action: (row: Row) => void) => () => {
    const row = at();
    if (row) action(row);
  };
  const keys: Bindings = {
    a: on(assignMe),
    A: on(assign),
    d: on((row) => decide(row, null)),
    t: on((row) => decide(row, "true")),
    f: on((row) => decide(row, "false")),
    u: on((row) => decide(row, "unsure")),
    z: on((row) => (row.snooze ? unsnooze(row) : snooze(row))),
    n: on(note),
  };
  return bind(keys);
}

const LIKELY_REASON: Record<Decision, Reason> = { true: "harassment", false: "viral", unsure: "other" };

function DecideForm({ row, first }: { row: Row; first: Decision | null }) {
  const [decision, setDecision] = useState<Decision | null>(first);
  const [reason, setReason] = useState<Reason | "">(first ? LIKELY_REASON[first] : "");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const help = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!decision || !reason) return;
    setBusy(true);
    await act(
      () => send("POST", `${alertPath(row.id)}/decisions`, { decision, reason, note: text, revision: row.revision }),
      t("decide.done", { decision: t(`decision.${decision}`) }),
    );
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      <p class="lead">
        <Id of={row.target.id} class="strong" />{" "}
        <span class="soft">
          {t("decide.about", {
            revision: row.revision,
            people: t("queue.people", { n: row.participants.total }),
            words: `${named("verdict", row.verdict)}, ${t(`score.${likelihood(row.score)}`)}`,
          })}
        </span>
      </p>
      <fieldset class="choices">
        <legend>{t("decide.what")}</legend>
        {DECISIONS.map((one) => (
          <label key={one} class={`choice ${one}`}>
            <input
              type="radio"
              name="decision"
              value={one}
              checked={decision === one}
              required
              data-first={one === (first ?? "true") ? "" : undefined}
              onChange={() => {
                setDecision(one);
                setReason(LIKELY_REASON[one]);
              }}
            />
            <span>{t(`decision.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>{t("decide.reason")}</span>
        <select value={reason} required onChange={(event) => setReason(event.currentTarget.value as Reason)}>
          {reason === "" && <option value="" />}
          {REASONS.map((one) => (
            <option key={one} value={one}>
              {t(`reason.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("decide.note")}</span>
        <textarea rows={3} maxLength={2000} value={text} aria-describedby={help} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p id={help} class="hint">
        {t("decide.note_help")}
      </p>
      <p class="hint">{t("decide.help")}</p>
      <Buttons submit={t("decide.submit")} busy={busy} />
    </form>
  );
}

function Buttons({ submit, busy }: { submit: string; busy: boolean }) {
  return (
    <div class="buttons">
      <button type="button" onClick={() => (open.value = null)}>
        {t("app.cancel")}
      </button>
      <button type="submit" class="primary" disabled={busy}>
        {submit}
      </button>
    </div>
  );
}

const HOUR = 3_600_000;
const SPANS: readonly [string, number][] = [
  ["1h", HOUR],
  ["4h", 4 * HOUR],
  ["24h", 24 * HOUR],
  ["72h", 72 * HOUR],
];

function SnoozeForm({ row }: { row: Row }) {
  const [how, setHow] = useState("grows");
  const [busy, setBusy] = useState(false);
  const help = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const span = SPANS.find(([name]) => name === how)?.[1];
    const until = span === undefined ? null : serverNow() + span;
    await act(
      () => send("POST", `${alertPath(row.id)}/snooze`, until === null ? { until_grows: true } : { until }),
      until === null ? t("snooze.done_grows") : t("snooze.done_until", { time: moment(until) }),
    );
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      <p class="lead">
        <Id of={row.target.id} class="strong" /> <span class="soft">{t("snooze.help")}</span>
      </p>
      <fieldset class="choices column">
        <legend>{t("snooze.how")}</legend>
        <label class="choice">
          <input
            type="radio"
            name="how"
            value="grows"
            checked={how === "grows"}
            data-first
            aria-describedby={help}
            onChange={() => setHow("grows")}
          />
          <span>{t("snooze.grows")}</span>
        </label>
        <p id={help} class="hint indent">
          {t("snooze.grows_help")}
        </p>
        {SPANS.map(([name, span]) => (
          <label key={name} class="choice">
            <input type="radio" name="how" value={name} checked={how === name} onChange={() => setHow(name)} />
            <span>{t("snooze.for", { span: span < 48 * HOUR ? t("span.hours", { n: span / HOUR }) : t("span.days", { n: span / HOUR / 24 }) })}</span>
          </label>
        ))}
      </fieldset>
      <Buttons submit={t("snooze.submit")} busy={busy} />
    </form>
  );
}

function AssignForm({ row }: { row: Row }) {
  const [people, setPeople] = useState<Person[]>([]);
  const [who, setWho] = useState(row.assignee?.id ?? "");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void attempt(async () => {
      const found = await get<Person[] | { people: Person[] }>("/people");
      setPeople(Array.isArray(found) ? found : found.people);
    });
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await setAssignee(row, people.find((one) => one.id === who) ?? null);
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>{t("assign.to")}</span>
        <select value={who} data-first onChange={(event) => setWho(event.currentTarget.value)}>
          <option value="">{t("queue.nobody")}</option>
          {people.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <Buttons submit={t("act.assign")} busy={busy} />
    </form>
  );
}

function NoteForm({ row }: { row: Row }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await act(() => send("POST", `${alertPath(row.id)}/notes`, { text }), t("note.done"));
    setBusy(false);
  };
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>{t("note.text")}</span>
        <textarea rows={5} maxLength={4000} required value={text} data-first onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p class="hint">{t("decide.note_help")}</p>
      <Buttons submit={t("note.submit")} busy={busy} />
    </form>
  );
}

const TITLES = { decide: "decide.title", snooze: "snooze.title", assign: "assign.title", note: "act.note" } as const;

/** The dialog that is open, if any. */
export function ActionDialogs() {
  const now = open.value;
  if (!now) return null;
  return (
    <Dialog title={t(TITLES[now.what])} close={() => (open.value = null)} key={now.what}>
      {now.what === "decide" ? (
        <DecideForm row={now.row} first={now.decision} />
      ) : now.what === "snooze" ? (
        <SnoozeForm row={now.row} />
      ) : now.what === "assign" ? (
        <AssignForm row={now.row} />
      ) : (
        <NoteForm row={now.row} />
      )}
    </Dialog>
  );
}
