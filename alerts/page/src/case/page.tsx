/** One case: what happened, why, who, when; and what people made of it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { acted, bindActions } from "../actions";
import { ApiError, alertPath, get } from "../api";
import { named, t } from "../i18n";
import { bind } from "../keys";
import { NetworkPanel } from "../network/panel";
import { neighbours } from "../queue/store";
import { caseAddress, go } from "../router";
import { plain } from "../safe";
import { listen } from "../stream/client";
import type { Case, Evidence } from "../types";
import { Failure, Loading } from "../ui/states";
import { CrowdPanel } from "./crowd";
import { EventsPanel } from "./events";
import { CaseHead } from "./head";
import { GroupsPanel, InstigatorsPanel, RolesPanel, SourcesPanel } from "./people";
import { ExportPanel, HistoryPanel, NotesPanel, RecommendedPanel, RelatedPanel, RevisionsPanel } from "./record";
import { stateOf, type CaseState } from "./state";
import { WhyPanel } from "./why";

/** A case that grows asks for itself anew, but not more often than one can read. */
const REFRESH_MS = 2_000;

/** What is beyond the sample may be known in part only. */
const whole = (one: Evidence["interactions"][number]): boolean => one.time !== null && one.account !== null;

async function evidenceOf(id: string): Promise<Evidence | null> {
  try {
    const found = await get<Evidence>(`${alertPath(id)}/evidence`);
    return found.interactions.length || found.accounts.length ? { ...found, interactions: found.interactions.filter(whole) } : null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function useCase(id: string) {
  const state = useSignal<CaseState | null>(null);
  const failure = useSignal<unknown>(null);
  const load = async () => {
    try {
      const [found, evidence] = await Promise.all([get<Case>(alertPath(id)), evidenceOf(id)]);
      const before = state.peek();
      if (before) {
        before.case.value = found;
        before.evidence.value = evidence;
      } else state.value = stateOf(found, evidence);
      failure.value = null;
    } catch (error) {
      if (!state.peek()) failure.value = error;
    }
  };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (wait: number) => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void load();
      }, wait);
    };
    void load();
    const deaf = listen(
      (rows) => {
        const row = rows.find((one) => one.id === id);
        const known = state.peek()?.case.peek().row;
        if (row && known && row.seq > known.seq) soon(REFRESH_MS);
      },
      () => soon(0),
    );
    let first = true;
    const still = acted.subscribe(() => {
      if (!first) soon(0);
      first = false;
    });
    return () => {
      clearTimeout(timer);
      deaf();
      still();
    };
  }, [id]);
  return { state, failure, load };
}

export function CasePage({ id }: { id: string }) {
  const { state, failure, load } = useCase(id);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const around = () => neighbours(id);
    const to = (next: string | null) => next && go(caseAddress(next));
    const stop = bind({
      j: () => to(around().next),
      k: () => to(around().previous),
      Escape: () => go("/"),
      e: () => {
        const section = document.getElementById("export");
        section?.scrollIntoView({ block: "start" });
        section?.querySelector("a")?.focus();
      },
    });
    const stopActions = bindActions(() => state.peek()?.case.peek().row ?? null);
    return () => {
      stop();
      stopActions();
    };
  }, [id]);
  const now = state.value;
  useEffect(() => {
    const target = now?.case.peek().alert.target;
    document.title = target ? `${plain(target.id, 40)} · Breakwater` : "Breakwater";
    heading.current?.focus({ preventScroll: true });
  }, [now !== null]);
  if (failure.value) {
    const missing = failure.value instanceof ApiError && failure.value.status === 404;
    return (
      <main id="content" class="narrow">
        <h1>{t("case.title")}</h1>
        {missing ? <p class="empty">{t("case.missing")}</p> : <Failure error={failure.value} again={() => void load()} />}
        <a href="/">{t("app.to_queue")}</a>
      </main>
    );
  }
  if (!now)
    return (
      <main id="content" class="narrow">
        <h1 class="visually-hidden">{t("case.title")}</h1>
        <Loading what={t("case.loading")} />
      </main>
    );
  const { row, alert } = now.case.value;
  return (
    <main id="content" class="case-page" aria-label={t("case.of", { verdict: named("verdict", row.verdict), kind: named("kind", alert.target.kind), id: plain(alert.target.id) })}>
      <CaseHead of={now} heading={heading} />
      <div class="case-grid">
        <div class="main-column">
          <NetworkPanel of={now} />
          <CrowdPanel of={now} />
          <EventsPanel of={now} />
          <RolesPanel of={now} />
          <HistoryPanel of={now} />
          <NotesPanel of={now} />
          <RevisionsPanel of={now} />
        </div>
        <div class="side-column">
          <WhyPanel of={now} />
          <RecommendedPanel of={now} />
          <InstigatorsPanel of={now} />
          <SourcesPanel of={now} />
          <GroupsPanel of={now} />
          <RelatedPanel of={now} />
          <ExportPanel of={now} />
        </div>
      </div>
    </main>
  );
}
