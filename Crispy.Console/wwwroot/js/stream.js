// A stream's page: its timeline and its player, and what the page is told of them.
import { Timeline } from "./timeline.js";
import { Player } from "./player.js";
import { moment } from "./axis.js";

export function open(root, page, { stream, utc, from, to, at }) {
    const clock = root.querySelector("[data-part=clock]");
    let zone = utc;
    const timeline = new Timeline(root, {
        stream, utc, from, to,
        on: { pick: pick, range: (f, t) => page.invokeMethodAsync("ShowRange", new Date(f).toISOString(), new Date(t).toISOString()).catch(() => {}) },
    });
    const player = new Player(root.querySelector("video"), root.querySelector("[data-part=note]"), {
        stream,
        on: { time: t => { timeline.playhead = t; clock.textContent = moment(t, zone); } },
    });

    function pick(t, kind) {
        page.invokeMethodAsync("Pick", new Date(t).toISOString()).catch(() => {});
        if (kind === "stored" || kind === "spooled") player.play(t);
    }

    if (at) { timeline.select(at); pick(at, "stored"); }
    return {
        play: t => { timeline.select(t); pick(t, "stored"); },
        show: (f, t) => timeline.show(f, t),
        setUtc: value => { zone = value; timeline.utc = value; },
        stop: () => { timeline.stop(); player.stop(); },
    };
}
