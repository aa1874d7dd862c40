/** What stands where something is not there yet, or could not be had. */
import { explain } from "../api";
import { t } from "../i18n";

export function Loading({ what }: { what?: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> {what ?? t("app.loading")}…
    </p>
  );
}

export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  return (
    <div class="empty" role="alert">
      <p>{t("app.failed")}</p>
      <p class="soft">{explain(error)}</p>
      {again && (
        <button type="button" onClick={again}>
          {t("app.retry")}
        </button>
      )}
    </div>
  );
}
