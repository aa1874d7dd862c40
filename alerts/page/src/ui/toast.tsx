/** Short notices of what was done, or was not: read out, and gone after a while. */
import { signal } from "@preact/signals";
import { explain } from "../api";
import { t } from "../i18n";
import { Icon } from "./icons";

interface Notice {
  text: string;
  bad: boolean;
}

const notice = signal<Notice | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

function show(text: string, bad: boolean): void {
  notice.value = { text, bad };
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = null), bad ? 12_000 : 6_000);
}

export const say = (text: string): void => show(text, false);
export const complain = (error: unknown): void => show(explain(error), true);

/** Runs an action, says that it was done, or why not. */
export async function attempt(action: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await action();
    if (done) say(done);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export function Toasts() {
  const now = notice.value;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {now && (
        <p class={now.bad ? "toast bad" : "toast"}>
          <Icon name={now.bad ? "warning" : "check"} />
          <span>{now.text}</span>
          <button type="button" class="quiet icon-button" aria-label={t("app.close")} onClick={() => (notice.value = null)}>
            <Icon name="close" size={14} />
          </button>
        </p>
      )}
    </div>
  );
}
