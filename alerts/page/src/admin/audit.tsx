/** The audit log, newest first, and whether its chain is whole. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { fullTime, t } from "../i18n";
import { caseAddress } from "../router";
import { Id } from "../safe";
import { nameOf, type AuditLine } from "../types";
import { Icon } from "../ui/icons";
import { Failure, Loading } from "../ui/states";
import { attempt } from "../ui/toast";

interface Listed {
  entries?: AuditLine[];
  audit?: AuditLine[];
  lines?: AuditLine[];
  next: string | number | null;
}

interface Verified {
  ok?: boolean;
  whole?: boolean;
  entries?: number;
  lines?: number;
  count?: number;
  broken_at?: number | null;
  broken?: number | null;
}

export function AuditPage() {
  const lines = useSignal<AuditLine[] | null>(null);
  const next = useSignal<string | number | null>(null);
  const failure = useSignal<unknown>(null);
  const verified = useSignal<Verified | null>(null);
  const load = async (cursor: string | number | null) => {
    try {
      const found = await get<Listed>(`/audit${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`);
      const fresh = found.entries ?? found.audit ?? found.lines ?? [];
      lines.value = cursor === null ? fresh : [...(lines.value ?? []), ...fresh];
      next.value = found.next;
    } catch (error) {
      failure.value = error;
    }
  };
  useEffect(() => {
    document.title = `${t("audit.title")} · Breakwater`;
    void load(null);
  }, []);
  const result = verified.value;
  const ok = result && (result.ok ?? result.whole ?? !(result.broken_at ?? result.broken));
  return (
    <main id="content" class="medium">
      <div class="page-head">
        <h1>{t("audit.title")}</h1>
        <button type="button" onClick={() => void attempt(async () => (verified.value = await get<Verified>("/audit/verify")))}>
          <Icon name="check" size={14} /> {t("audit.verify")}
        </button>
      </div>
      <p class="soft">{t("audit.help")}</p>
      <div role="status">
        {result && (
          <p class={ok ? "banner good" : "banner bad"}>
            <Icon name={ok ? "check" : "warning"} />{" "}
            {ok ? t("audit.ok", { n: result.entries ?? result.lines ?? result.count ?? 0 }) : t("audit.broken", { at: result.broken_at ?? result.broken ?? 0 })}
          </p>
        )}
      </div>
      {failure.value ? (
        <Failure error={failure.value} again={() => void load(null)} />
      ) : lines.value === null ? (
        <Loading />
      ) : lines.value.length === 0 ? (
        <p class="empty">{t("audit.none")}</p>
      ) : (
        <div class="table-wrap" tabIndex={0} role="group" aria-label={t("audit.title")}>
          <table class="audit">
            <thead>
              <tr>
                <th scope="col">{t("audit.time")}</th>
                <th scope="col">{t("audit.who")}</th>
                <th scope="col">{t("audit.action")}</th>
                <th scope="col">{t("audit.case")}</th>
                <th scope="col">{t("audit.detail")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.value.map((line, at) => (
                <tr key={line.seq ?? line.id ?? at}>
                  <td class="nowrap">{fullTime(line.at)}</td>
                  <td>
                    <bdi>{nameOf(line.user ?? line.by) || t("history.system")}</bdi>
                  </td>
                  <td>
                    <code>{line.action}</code>
                  </td>
                  <td>{line.alert ? <a href={caseAddress(line.alert)}>{line.alert.slice(0, 8)}</a> : ""}</td>
                  <td class="detail">{line.detail && Object.keys(line.detail).length > 0 && <Id of={JSON.stringify(line.detail)} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {next.value !== null && (
            <p class="below">
              <button type="button" onClick={() => void load(next.value)}>
                {t("audit.more")}
              </button>
            </p>
          )}
        </div>
      )}
    </main>
  );
}
