/** What was said, item by item: texts stay collapsed until one asks for this one. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, alertPath, get, session } from "../api";
import { clockSeconds, named, rich, t } from "../i18n";
import { Id, plain, Text } from "../safe";
import type { Interaction, Role } from "../types";
import { Icon, RoleIcon } from "../ui/icons";
import { complain } from "../ui/toast";
import type { CaseState } from "./state";

const PAGE = 12;

function Said({ text }: { text: string }) {
  const blurred = useSignal(session.value?.preferences.blur ?? false);
  const whole = useSignal(false);
  const long = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element && element.scrollHeight > element.clientHeight + 4) long.value = true;
  }, []);
  return (
    <div class={`text-box${blurred.value ? " blurred" : ""}${whole.value ? " whole" : ""}`}>
      <div class="text-clip" ref={box}>
        <Text>{text}</Text>
      </div>
      <span class="text-buttons">
        {session.value?.preferences.blur && (
          <button type="button" class="link" aria-pressed={!blurred.value} onClick={() => (blurred.value = !blurred.value)}>
            {t(blurred.value ? "events.unblur" : "events.blur")}
          </button>
        )}
        {(long.value || whole.value) && (
          <button type="button" class="link" aria-expanded={whole.value} onClick={() => (whole.value = !whole.value)}>
            {t(whole.value ? "app.less" : "app.more")}
          </button>
        )}
      </span>
    </div>
  );
}

function Item({ one, role, of }: { one: Interaction; role: Role | null; of: CaseState }) {
  const busy = useSignal(false);
  const shown = of.revealed.value.has(one.event);
  const text = of.revealed.value.get(one.event);
  const put = (value: string | null | undefined) => {
    const next = new Map(of.revealed.peek());
    if (value === undefined) next.delete(one.event);
    else next.set(one.event, value);
    of.revealed.value = next;
  };
  const reveal = async () => {
    if (busy.peek()) return; // not disabled meanwhile: it would lose the focus
    if (shown) return put(undefined);
    busy.value = true;
    try {
      const found = await get<{ text: string | null }>(`${alertPath(of.case.peek().row.id)}/texts/${encodeURIComponent(one.event)}`);
      put(found.text);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) put(null);
      else complain(error);
    }
    busy.value = false;
  };
  return (
    <li class="event">
      <div class="event-line">
        <time dateTime={new Date(one.time).toISOString()}>{clockSeconds(one.time)}</time>
        {role ? <RoleIcon role={role} /> : <span class="no-role" />}
        <button type="button" class="link account" onClick={() => (of.account.value = of.account.value === one.account ? null : one.account)}>
          <Id of={one.account} />
        </button>
        <span class="sub">
          {role && role !== "bystander" ? `${t(`role.${role}`)} · ` : ""}
          {named("type", one.type)}
          {one.community ? (
            <>
              {" · "}
              <Id of={one.community} />
            </>
          ) : null}
          {one.fresh ? ` · ${t("net.fresh")}` : ""}
        </span>
        <span class="grow" />
        {one.erased ? (
          <span class="sub">{t("events.erased")}</span>
        ) : one.has_text ? (
          <button
            type="button"
            class="reveal"
            aria-busy={busy.value}
            aria-expanded={shown}
            aria-label={`${t(shown ? "events.hide" : "events.reveal")}: ${plain(one.account, 40)}, ${clockSeconds(one.time)}`}
            onClick={() => void reveal()}
          >
            <Icon name="eye" size={14} /> {t(shown ? "events.hide" : "events.reveal")}
          </button>
        ) : (
          <span class="sub">{t("events.no_text")}</span>
        )}
      </div>
      {shown && (text === null || text === undefined ? <p class="hint">{t("events.gone")}</p> : <Said text={text} />)}
    </li>
  );
}

export function EventsPanel({ of }: { of: CaseState }) {
  const most = useSignal(PAGE);
  const picked = of.picked.value;
  const account = of.account.value;
  const evidence = of.evidence.value;
  const at = of.at.value;
  const { alert } = of.case.value;
  useEffect(() => {
    most.value = PAGE;
  }, [picked, account]);
  const roles = new Map<string, Role>();
  for (const one of evidence?.accounts ?? []) if (one.role) roles.set(one.account, one.role);
  for (const one of alert.roles) roles.set(one.account, one.role);
  const found = (evidence?.interactions ?? []).filter(
    (one) => one.time <= at && (!picked?.events || picked.events.has(one.event)) && (!account || one.account === account),
  );
  const newestFirst = found.toReversed();
  const named_ = picked?.events ? [...picked.events] : alert.evidence.events;
  return (
    <section class="panel events" id="events" aria-labelledby="events-title">
      <div class="panel-head">
        <h2 id="events-title">{t("events.title")}</h2>
        <span class="soft">
          {evidence ? t("events.count", { n: found.length }) : ""}
          {of.moment.value !== null && ` ${t("events.until", { time: clockSeconds(at) })}`}
        </span>
      </div>
      <p class="hint">{t("events.help")}</p>
      {(picked || account) && (
        <p class="picked" role="status">
          {picked && <span class="chip">{t("why.showing", { signal: named("short", picked.signal) })}</span>}
          {account && <span class="chip">{rich("events.by", {}, { account: <Id of={account} /> })}</span>}
          <button
            type="button"
            class="link"
            onClick={() => {
              of.picked.value = null;
              of.account.value = null;
            }}
          >
            {t("events.clear")}
          </button>
        </p>
      )}
      {!evidence ? (
        <>
          <p class="soft">{t(named_.length ? "events.only_ids" : "events.none")}</p>
          <p class="ids">
            {named_.slice(0, 50).map((id) => (
              <code key={id}>
                <Id of={id} />
              </code>
            ))}
          </p>
        </>
      ) : newestFirst.length === 0 ? (
        <p class="soft">{picked ? t("why.no_events") : t("events.none")}</p>
      ) : (
        <>
          <ul class="event-list">
            {newestFirst.slice(0, most.value).map((one) => (
              <Item key={one.event} one={one} role={roles.get(one.account) ?? null} of={of} />
            ))}
          </ul>
          {newestFirst.length > most.value && (
            <button type="button" class="more" onClick={() => (most.value += 4 * PAGE)}>
              {t("events.more", { n: Math.min(4 * PAGE, newestFirst.length - most.value) })}
            </button>
          )}
        </>
      )}
      {evidence?.omitted && evidence.omitted.interactions > 0 && <p class="hint">{t("net.omitted", { n: evidence.omitted.interactions })}</p>}
    </section>
  );
}
