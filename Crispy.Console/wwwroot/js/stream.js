// A stream's page: its timeline and its player, and what the page is told of them.
import { Timeline } from "./timeline.js";
import { Player } from "./player.js";
import { Address } from "./address.js";
import { moment, span } from "./axis.js";
import { now } from "./pictures.js";
import { TakeOut } from "./takeout.js";

// While it plays, the address follows now and then.
const step = 5000;

export function open(root, page, { stream, utc, from, to, at }) {
    // A person may have left the page while this was on its way.
    if (!root) return { play: () => {}, show: () => {}, setUtc: () => {}, stop: () => {} };
    const clock = root.querySelector("[data-part=clock]");
    const liveButton = root.querySelector("[data-act=live]");
    const address = new Address(at ?? null);
    let [zone, told] = [utc, at ?? 0];
    const timeline = new Timeline(root, {
        stream, utc, from, to,
        on: { pick: pick, range: range, mark: (marked, isDone) => takeOut?.mark(marked, isDone) },
    });
    // Who may not take anything out has nothing to do it with.
    const part = root.querySelector("[data-part=takeout]");
    const takeOut = part && new TakeOut(part, { stream, utc, timeline });
    const player = new Player(root.querySelector(".screen"), {
        stream,
        on: { time: time, live: isLive => liveButton.setAttribute("aria-pressed", String(isLive)) },
        write: t => moment(t, zone),
    });

    function range(f, t) {
        address.range(f, t, timeline.isAtPresent);
        page.invokeMethodAsync("ShowRange", new Date(f).toISOString(), new Date(t).toISOString()).catch(() => {});
    }

    function time(t, isLive) {
        timeline.playhead = t;
        clock.textContent = moment(t, zone) + (isLive ? ` – live, ${span(Math.max(0, now() - t))} behind` : "");
        if (isLive || Math.abs(t - told) < step) return;
        address.at = told = t;
    }

    function pick(t, kind) {
        address.at = told = t;
        page.invokeMethodAsync("Pick", new Date(t).toISOString()).catch(() => {});
        if (kind === "stored" || kind === "spooled") player.play(t);
        else player.nothing();
    }

    function live() {
        if (player.isLive) return player.idle();
        address.at = null;
        if (!timeline.isAtPresent) timeline.last(timeline.to - timeline.from);
        player.live();
    }
    liveButton.addEventListener("click", live);

    if (at) { timeline.select(at); pick(at, "stored"); }
    else player.idle();
    return {
        play: t => { timeline.select(t); pick(t, "stored"); },
        show: (f, t) => timeline.show(f, t),
        setUtc: value => { zone = value; timeline.utc = value; if (takeOut) takeOut.utc = value; },
        stop: () => { timeline.stop(); player.stop(); address.stop(); takeOut?.stop(); },
    };
}
