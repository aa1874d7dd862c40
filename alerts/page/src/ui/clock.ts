/** A slow clock for "5 minutes ago". */
import { signal } from "@preact/signals";
import { serverNow } from "../stream/client";

export const now = signal(serverNow());
setInterval(() => {
  if (!document.hidden) now.value = serverNow();
}, 10_000);
