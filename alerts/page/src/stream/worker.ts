/** The SharedWorker that holds the one stream of all tabs, so that ten tabs need one connection. */
import type { Asked, Said } from "./messages";
import { Source } from "./source";

const tabs = new Set<MessagePort>();
let lastStatus: Said | null = null;

const source = new Source("/api/v1/stream", (said) => {
  if (said.kind === "status") lastStatus = said;
  for (const tab of tabs) tab.postMessage(said);
});

addEventListener("connect", (event) => {
  const tab = (event as MessageEvent).ports[0];
  if (!tab) return;
  tab.onmessage = ({ data }: MessageEvent<Asked>) => {
    if (data.ask === "open") {
      tabs.add(tab);
      source.open();
      tab.postMessage({ kind: "state", state: source.state } satisfies Said);
      if (lastStatus) tab.postMessage(lastStatus);
    } else if (data.ask === "leave") {
      // A tab that nobody looks at: the last one out ends the stream.
      tabs.delete(tab);
      if (tabs.size === 0) source.close();
    } else {
      source.close();
    }
  };
});
