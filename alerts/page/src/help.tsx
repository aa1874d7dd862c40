/** Keys and short help, behind `?`. */
import { t, type Key } from "./i18n";
import { enabled } from "./keys";
import { helpOpen } from "./shell";
import { Dialog } from "./ui/dialog";
import { RoleIcon, VerdictIcon } from "./ui/icons";
import { named } from "./i18n";
import { ROLES, VERDICTS } from "./types";

const KEYS: readonly [Key, readonly [string, Key][]][] = [
  [
    "help.anywhere",
    [
      ["?", "help.key.help"],
      ["g q", "help.key.queue"],
      ["g p", "help.key.prefs"],
      ["g u", "help.key.users"],
      ["g l", "help.key.audit"],
    ],
  ],
  [
    "help.in_queue",
    [
      ["j", "help.key.next"],
      ["k", "help.key.previous"],
      ["Enter", "help.key.open"],
      ["/", "help.key.search"],
      [".", "help.key.apply"],
      ["p", "help.key.pause"],
    ],
  ],
  [
    "help.in_case",
    [
      ["t", "help.key.true"],
      ["f", "help.key.false"],
      ["u", "help.key.unsure"],
      ["a", "help.key.assign"],
      ["z", "help.key.snooze"],
      ["n", "help.key.note"],
      ["e", "help.key.export"],
      ["j", "help.key.next"],
      ["k", "help.key.previous"],
      ["Esc", "help.key.back"],
      ["Space", "help.key.play"],
      ["← → PgUp PgDn Home End", "help.key.slider"],
    ],
  ],
];

function Keys({ of }: { of: string }) {
  const parts = of.split(" ");
  const sequence = parts.length === 2 && parts[0] === "g";
  return (
    <>
      {parts.map((one, at) => (
        <span key={one}>
          {at > 0 && (sequence ? ` ${t("help.then")} ` : " ")}
          <kbd>{one}</kbd>
        </span>
      ))}
    </>
  );
}

export function Help() {
  if (!helpOpen.value) return null;
  return (
    <Dialog title={t("help.title")} close={() => (helpOpen.value = false)} wide>
      {!enabled.value && <p class="banner">{t("help.off")}</p>}
      <div class="help">
        <section>
          {KEYS.map(([title, keys]) => (
            <div key={title}>
              <h3>{t(title)}</h3>
              <dl class="keys">
                {keys.map(([key, what]) => (
                  <div key={key}>
                    <dt>
                      <Keys of={key} />
                    </dt>
                    <dd>{t(what)}</dd>
                  </div>
                ))}
              </dl>
            </div>
          ))}
        </section>
        <section>
          <h3>{t("help.reading")}</h3>
          <ul class="legend">
            {VERDICTS.map((one) => (
              <li key={one}>
                <VerdictIcon verdict={one} /> <strong>{named("verdict", one)}</strong>
                <span>{t(`verdict.${one}.help`)}</span>
              </li>
            ))}
          </ul>
          <p>{t("help.read.verdict")}</p>
          <p>{t("help.read.score")}</p>
          <p>{t("help.read.order")}</p>
          <ul class="legend inline">
            {ROLES.map((one) => (
              <li key={one}>
                <RoleIcon role={one} /> {t(`role.${one}`)}
              </li>
            ))}
          </ul>
          <p>{t("help.read.decide")}</p>
          <p>{t("help.read.text")}</p>
        </section>
      </div>
    </Dialog>
  );
}
