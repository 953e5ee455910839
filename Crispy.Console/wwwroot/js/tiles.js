// The tiles of streams: how many stand side by side, and their pictures.
import { picture, show, write, ageText, isStale, now } from "./pictures.js";

// How often a picture is asked for, in milliseconds: of a camera that records, and of another. Many at once are asked for less often.
const often = 8000, seldom = 60_000, each = 400;
const young = 15_000;

// Narrower, what is written below a picture would be cut; in rem.
const least = 17.5;

/// Tells the page how many tiles stand side by side in an element and how wide they are, and keeps their pictures new.
export function observe(element, page) {
    // A person may have left the page while this was on its way.
    if (!element) return { stop: () => {} };
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const gap = 0.75 * rem;
    let told = "";
    const observer = new ResizeObserver(([entry]) => {
        const columns = Math.max(1, Math.floor((entry.contentRect.width + gap) / (least * rem + gap)));
        const width = Math.round((entry.contentRect.width - gap * (columns - 1)) / columns);
        if (told === `${columns} ${width}`) return;
        told = `${columns} ${width}`;
        page.invokeMethodAsync("SetColumns", columns, width).catch(() => {}); // The page may be gone by now.
    });
    observer.observe(element);
    const pictures = new Pictures(element);
    return { stop: () => { observer.disconnect(); pictures.stop(); } };
}

class Pictures {
    #root; #timer; #known = new WeakMap(); #look = () => this.#tick();

    constructor(root) {
        this.#root = root;
        this.#timer = setInterval(this.#look, 1000);
        document.addEventListener("visibilitychange", this.#look);
        this.#tick();
    }

    stop() {
        clearInterval(this.#timer);
        document.removeEventListener("visibilitychange", this.#look);
    }

    #tick() {
        if (document.hidden) return;
        const shown = [...this.#root.querySelectorAll(".picture")].filter(isOnScreen);
        const pace = Math.max(often, shown.length * each);
        for (const frame of shown) {
            const state = this.#stateOf(frame);
            const due = frame.dataset.records === "true" ? pace : seldom;
            if (!state.busy && performance.now() - state.asked > due) this.#ask(frame, state);
            this.#tell(frame, state);
        }
    }

    // A frame may be given to another stream.
    #stateOf(frame) {
        const known = this.#known.get(frame);
        if (known?.stream === frame.dataset.stream) return known;
        const state = { stream: frame.dataset.stream, asked: -Infinity, busy: false, moment: null, note: "" };
        this.#known.set(frame, state);
        frame.querySelector("img").hidden = true;
        return state;
    }

    async #ask(frame, state) {
        [state.busy, state.asked] = [true, performance.now()];
        try {
            const found = await picture(state.stream);
            if (this.#known.get(frame) !== state) return;
            if (found) show(frame.querySelector("img"), found);
            [state.moment, state.note] = found ? [found.moment, ""] : [null, "No picture yet"];
        } catch {
            if (state.moment === null) state.note = "The picture cannot be fetched";
        } finally {
            state.busy = false;
        }
        this.#tell(frame, state);
    }

    #tell(frame, state) {
        const isOld = state.moment !== null && now() - state.moment > young;
        write(frame.querySelector(".picture-age"), state.note || (isOld ? ageText(state.moment) : ""), isOld && isStale(state.moment));
    }
}

function isOnScreen(element) {
    const box = element.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.width > 0;
}
