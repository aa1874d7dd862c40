/** Search, filters, order, and views: those that come with the console and those that one has saved. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, may, send } from "../api";
import { named, t, type Key } from "../i18n";
import { attempt } from "../ui/toast";
import { SEVERITIES, STATUSES, VERDICTS, type Person, type SavedView } from "../types";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { EMPTY, LIVE, read, SORTS, write, type Query, type Sort } from "./query";
import { clearQuery, query, setQuery } from "./store";

const VIEWS: readonly [Key, Partial<Query>][] = [
  ["queue.view.all", {}],
  ["queue.view.active", { status: LIVE }],
  ["queue.view.unassigned", { assignee: "none", decided: "no", verdict: ["pile_on", "uncertain"] }],
  ["queue.view.mine", { assignee: "me" }],
  ["queue.view.doubt", { verdict: ["uncertain"] }],
  ["queue.view.decided", { decided: "yes" }],
  ["queue.view.snoozed", { snoozed: "yes" }],
];

function same(one: Query, other: Query): boolean {
  return write({ ...one, sort: "priority" }) === write({ ...other, sort: "priority" });
}

function SaveView({ saved, close }: { saved: () => void; close: () => void }) {
  const name = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => send("POST", "/views", { name: name.value, query: write(query.value) }), t("app.saved"))) saved();
  };
  return (
    <Dialog title={t("queue.view.save")} close={close}>
      <form onSubmit={submit}>
        <p class="hint">{t("queue.view.save_help")}</p>
        <label class="field">
          <span>{t("queue.view.name")}</span>
          <input data-first required maxLength={60} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <div class="buttons">
          <button type="button" onClick={close}>
            {t("app.cancel")}
          </button>
          <button type="submit" class="primary">
            {t("app.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  change: (value: string) => void;
}

function Choice({ label, value, options, change }: ChoiceProps) {
  return (
    <label class={value !== options[0]?.[0] ? "filter set" : "filter"}>
      <span>{label}</span>
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {options.map(([code, words]) => (
          <option key={code} value={code}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Filters() {
  const views = useSignal<SavedView[]>([]);
  const people = useSignal<Person[]>([]);
  const saving = useSignal(false);
  const open = useSignal(false);
  const now = query.value;
  const load = async () => {
    const found = await get<SavedView[] | { views: SavedView[] }>("/views");
    views.value = Array.isArray(found) ? found : found.views;
  };
  useEffect(() => {
    void load().catch(() => undefined);
    get<Person[] | { people: Person[] }>("/people").then(
      (found) => (people.value = Array.isArray(found) ? found : found.people),
      () => undefined,
    );
  }, []);
  const one = (name: "status" | "verdict" | "severity", family: string, codes: readonly string[]) => (
    <Choice
      label={t(`queue.filter.${name}`)}
      value={now[name].length === 1 ? (now[name][0] ?? "") : now[name].length ? now[name].join(",") : ""}
      options={[
        ["", t("queue.any")],
        ...(now[name].length > 1 ? [[now[name].join(","), now[name].map((code) => named(family, code)).join(" / ")] as [string, string]] : []),
        ...codes.map((code) => [code, named(family, code)] as [string, string]),
      ]}
      change={(value) => setQuery({ [name]: value ? value.split(",") : [] })}
    />
  );
  const count = [now.status.length, now.verdict.length, now.severity.length, now.assignee, now.decided, now.snoozed !== "no"].filter(Boolean).length;
  return (
    <div class="filters">
      <nav class="views" aria-label={t("queue.views")}>
        <ul>
          {VIEWS.map(([name, wanted]) => {
            const target = { ...EMPTY, ...wanted };
            const on = same(now, target);
            return (
              <li key={name}>
                <button type="button" class="view" aria-current={on ? "true" : undefined} onClick={() => setQuery({ ...target, sort: now.sort })}>
                  {t(name)}
                </button>
              </li>
            );
          })}
          {views.value.map((view) => (
            <li key={view.id} class="saved-view">
              <button type="button" class="view" aria-current={same(now, read(view.query)) ? "true" : undefined} onClick={() => setQuery(read(view.query))}>
                <bdi>{view.name}</bdi>
              </button>
              <button
                type="button"
                class="quiet icon-button small"
                aria-label={t("queue.view.delete", { name: view.name })}
                onClick={() => void attempt(() => send("DELETE", `/views/${view.id}`)).then(load)}
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div class="filter-bar">
        <search class="search">
          <Icon name="search" size={15} />
          <input
            id="queue-search"
            type="search"
            aria-label={t("queue.search")}
            placeholder={t("queue.search_hint")}
            value={now.q}
            onInput={(event) => setQuery({ q: event.currentTarget.value.trim() })}
            onKeyDown={(event) => {
              if (event.key === "Escape" || event.key === "Enter") {
                event.preventDefault();
                event.currentTarget.blur();
              }
            }}
          />
        </search>
        <button type="button" class="filter-toggle" aria-expanded={open.value} aria-controls="filter-set" onClick={() => (open.value = !open.value)}>
          <Icon name="filter" size={14} /> {t("queue.filters")}
          {count > 0 && <span class="count">{count}</span>}
        </button>
        <div class={open.value ? "filter-set open" : "filter-set"} id="filter-set" role="group" aria-label={t("queue.filters")}>
          {one("verdict", "verdict", VERDICTS)}
          {one("severity", "severity", SEVERITIES)}
          {one("status", "status", STATUSES)}
          <Choice
            label={t("queue.filter.assignee")}
            value={now.assignee}
            options={[["", t("queue.anyone")], ["me", t("queue.me")], ["none", t("queue.nobody")], ...people.value.map((person) => [person.id, person.name] as [string, string])]}
            change={(assignee) => setQuery({ assignee })}
          />
          <Choice
            label={t("queue.filter.decided")}
            value={now.decided}
            options={[
              ["", t("queue.any")],
              ["no", t("queue.decided.no")],
              ["yes", t("queue.decided.yes")],
            ]}
            change={(value) => setQuery({ decided: value as Query["decided"] })}
          />
          <Choice label={t("queue.sort")} value={now.sort} options={SORTS.map((sort) => [sort, t(`queue.sort.${sort}`)])} change={(sort) => setQuery({ sort: sort as Sort })} />
          {(count > 0 || now.q) && (
            <button type="button" class="quiet" onClick={clearQuery}>
              {t("queue.clear")}
            </button>
          )}
          {may("viewer") && (count > 0 || now.q) && (
            <button type="button" class="quiet" onClick={() => (saving.value = true)}>
              <Icon name="plus" size={13} /> {t("queue.view.save")}
            </button>
          )}
        </div>
      </div>
      {saving.value && (
        <SaveView
          close={() => (saving.value = false)}
          saved={() => {
            saving.value = false;
            void load();
          }}
        />
      )}
    </div>
  );
}
