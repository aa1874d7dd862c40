/** The audit log, newest first, and whether its chain is whole. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { fullTime, named, t } from "../i18n";
import { caseAddress } from "../router";
import { Id } from "../safe";
import type { AuditLine } from "../types";
import { Icon } from "../ui/icons";
import { Failure, Loading } from "../ui/states";
import { attempt } from "../ui/toast";

interface Listed {
  entries: AuditLine[];
  next: number | null;
}

interface Verified {
  whole: boolean;
  entries: number;
  broken_at: number | null;
}

function Detail({ of }: { of: Record<string, unknown> }) {
  return (
    <>
      {Object.entries(of).map(([name, value]) => (
        <span key={name} class="detail-item">
          {name}: <Id of={typeof value === "string" ? value : JSON.stringify(value)} />
        </span>
      ))}
    </>
  );
}

export function AuditPage() {
  const lines = useSignal<AuditLine[] | null>(null);
  const next = useSignal<number | null>(null);
  const failure = useSignal<unknown>(null);
  const verified = useSignal<Verified | null>(null);
  const load = async (cursor: number | null) => {
    try {
      const found = await get<Listed>(`/audit${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`);
      lines.value = cursor === null ? found.entries : [...(lines.value ?? []), ...found.entries];
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
          <p class={result.whole ? "banner good" : "banner bad"}>
            <Icon name={result.whole ? "check" : "warning"} />{" "}
            {result.whole ? t("audit.ok", { n: result.entries }) : t("audit.broken", { at: result.broken_at ?? 0 })}
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
              {lines.value.map((line) => (
                <tr key={line.seq}>
                  <td class="nowrap">{fullTime(line.at)}</td>
                  <td>
                    <bdi>{line.user === null ? t("history.system") : (line.name ?? line.user.slice(0, 8))}</bdi>
                  </td>
                  <td>
                    {named("action", line.action)}
                  </td>
                  <td>{line.alert ? <a href={caseAddress(line.alert)}>{line.alert.slice(0, 8)}</a> : ""}</td>
                  <td class="detail"><Detail of={line.detail} /></td>
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
