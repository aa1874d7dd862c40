"""An analyst's shift, from signing in to signing out, in a real browser, on a real broker and either database."""

import csv
import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from alerts.alert import Revision
from streams.stages.control import ControlRecord
from tests.alerts.console.page.browser import PASSWORD, visiting
from tests.alerts.console.page.conftest import Console
from tests.alerts.console.page.stretch import Stretch, harmless, newest, pile_on
from tests.streams.workers.test_learning import waited_for


def grown(revisions: list[Revision], beyond: int) -> int:
    """At which of the revisions the crowd is half as large again as it was at this one."""
    return next(at for at, one in enumerate(revisions) if 2 * one.participants >= 3 * revisions[beyond].participants)


def test_a_shift(chromium: Browser, console: Console, said: Stretch, tmp_path: Path) -> None:
    attack, calm = pile_on(), harmless()
    name, alert = newest(attack)["target"]["id"], attack[0].id
    snoozed_at, late = 2, grown(attack, 2)
    seen_tick = attack[snoozed_at].tick
    others = next(one for key, one in said.alerts.items() if key not in {alert, calm[0].id})
    console.deployment.work("learner", ready=False)
    with visiting(chromium, console.address, accept_downloads=True) as visit:
        page = visit.page()

        # Sign in.
        page.get_by_label("Name").fill("ana")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()

        # See an alert arrive, and the harmless crowd beside it.
        cases = page.get_by_role("list", name="Cases")
        expect(page.get_by_text("No case matches.")).to_be_visible()
        console.feeder.say(attack[:1], said.chunks)
        mine = cases.get_by_role("link", name=f"account {name},")
        expect(mine).to_have_accessible_name(re.compile(r"^Pile-on, \w+, "))
        console.feeder.say(calm, said.chunks)
        console.feeder.say(attack[1 : snoozed_at + 1], said.chunks)
        other = cases.get_by_role("link", name=f"account {newest(calm)['target']['id']},")
        expect(other).to_have_accessible_name(re.compile("^Harmless surge, Info, "))
        expect(mine).to_have_accessible_name(re.compile(f", {attack[snoozed_at].participants} people$"))

        # Open it by keyboard.
        page.keyboard.press("j")
        expect(mine).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        expect(page).to_have_url(f"{console.address}/cases/{alert}")

        # Read why.
        why = page.get_by_role("region", name="Why")
        expect(why.get_by_text("had no contact with the target before")).to_be_visible()
        expect(why.get_by_text(re.compile("^Score "))).to_be_visible()
        why.get_by_role("button", name="Events behind it").first.click()

        # Reveal one text.
        events = page.get_by_role("region", name="What was said")
        expect(events.get_by_role("button", name="Hide text")).to_have_count(0)
        events.get_by_role("button", name="Reveal text").first.click()
        expect(events.get_by_role("button", name="Hide text")).to_have_count(1)

        # Drag the timeline.
        timeline = page.get_by_role("slider", name="Time in the case")
        picture = page.get_by_role("img", name=re.compile(f"Network picture at .* around {name};"))
        everybody = re.compile(f", {attack[snoozed_at].participants} people of {attack[snoozed_at].participants}$")
        expect(timeline).to_have_attribute("aria-valuetext", everybody)
        timeline.scroll_into_view_if_needed()
        box = timeline.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] - 4, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, middle, steps=8)
        page.mouse.move(box["x"] + 2, middle, steps=8)
        page.mouse.up()
        expect(timeline).to_have_attribute("aria-valuetext", re.compile(r", [0-3] (people|person) of"))
        expect(picture).to_have_accessible_name(re.compile(r": [0-3] (people|person) around"))
        timeline.press("End")
        expect(timeline).to_have_attribute("aria-valuetext", everybody)

        # Decide, when the learner knows what was seen until now.
        console.feeder.look((one for one in said.signals if one.tick <= seen_tick), seen_tick)
        waited_for(lambda: console.deployment.messages("breakwater.control"), console.deployment)
        page.keyboard.press("t")
        decision = page.get_by_role("dialog", name="Your decision")
        expect(decision.get_by_role("radio", name="Pile-on", exact=True)).to_be_checked()
        decision.get_by_role("combobox", name="Reason").select_option(label="Bots or bought accounts")
        decision.get_by_role("textbox", name="Note").fill("the same words from everybody")
        decision.get_by_role("button", name="Record decision").click()
        expect(page.get_by_text("Decision recorded: Pile-on.")).to_be_visible()
        history = page.get_by_role("region", name="Decisions and history")
        expect(history.get_by_text("ana decided: Pile-on")).to_be_visible()

        # The decision reaches the feedback topic.
        (sent,) = waited_for(lambda: console.deployment.messages("breakwater.feedback"), console.deployment)
        body = json.loads(sent.value)
        assert sent.key == alert.encode()
        assert (body["schema"], body["alert"], body["revision"]) == ("breakwater.feedback/1", alert, snoozed_at + 1)
        assert (body["decision"], body["reason"]) == ("pile_on", "bots")

        # Snooze it until it grows, and see it return.
        page.keyboard.press("z")
        snooze = page.get_by_role("dialog", name="Snooze")
        expect(snooze.get_by_role("radio", name="Until it grows")).to_be_checked()
        snooze.get_by_role("button", name="Snooze").click()
        expect(page.get_by_text("Snoozed until it grows.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()
        expect(other).to_be_visible()
        page.get_by_role("heading", name="Queue", level=1).click()  # while one is in the list nothing leaves it
        expect(mine).to_have_count(0)
        console.feeder.say(others, said.chunks)
        expect(cases.get_by_role("link", name=f" {newest(others)['target']['id']},")).to_be_visible()
        expect(mine).to_have_count(0)
        console.feeder.say(attack[snoozed_at + 1 : late + 1], said.chunks)
        expect(mine).to_have_accessible_name(re.compile(f", {attack[late].participants} people$"))
        console.feeder.say(attack[late + 1 :], said.chunks)
        mine.focus()
        page.keyboard.press("Enter")
        expect(history.get_by_text("It came back from snooze")).to_be_visible()

        # Export, and verify what was exported.
        exports = page.get_by_role("region", name="Evidence and export")
        files = {}
        for label, ending in (("Pack (JSON)", "json"), ("Table (CSV)", "csv"), ("Page to print", "html")):
            with page.expect_download() as download:
                exports.get_by_role("link", name=label).click()
            files[ending] = tmp_path / f"pack.{ending}"
            download.value.save_as(files[ending])
        verified = console.deployment.run("verify", str(files["json"]), "--json")
        assert json.loads(verified.stdout.splitlines()[-1])["holds"]
        pack = json.loads(files["json"].read_bytes())
        torn = tmp_path / "torn.json"
        torn.write_text(json.dumps(pack).replace(name, "somebody"))
        console.deployment.run("verify", str(torn), expect=1)
        with files["csv"].open(newline="", encoding="utf-8-sig") as file:
            assert sum(1 for _ in csv.reader(file)) > attack[-1].participants
        assert name in files["html"].read_text()

        # Sign out.
        page.get_by_label("Your account: ana").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert visit.context.request.get(f"{console.address}/api/v1/alerts").status == 401

    # The learner has learnt from it.
    console.feeder.look((one for one in said.signals if one.tick > seen_tick), said.end_tick)

    def learnt() -> list[ControlRecord]:
        found = [ControlRecord.read(one.value) for one in console.deployment.messages("breakwater.control")]
        return [one for one in found if one.feedback["counted"]]

    assert waited_for(learnt, console.deployment)[0].feedback["counted"] == 1
