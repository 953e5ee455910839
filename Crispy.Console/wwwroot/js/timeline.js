// The timeline of one stream: what is recorded, and what is not, of a range from seconds to a month. It asks the archive itself, so that
// zooming does not wait for the page's connection.
import { ticks, moment, clockTime, span } from "./axis.js";
import { reason } from "./problem.js";

const svgNs = "http://www.w3.org/2000/svg";
const shortest = 5_000, longest = 30 * 86_400_000, earliest = Date.UTC(1971, 1);

// How long a range stands still under a pointer that rests.
const aiming = 10_000;
const words = { stored: "stored", spooled: "waiting to be stored", dead: "dead letter", lost: "lost", gap: "not recorded" };
const reasons = {
    droppedOldest: "dropped: the spool was full (oldest first)", droppedNewest: "dropped: the spool was full (newest first)",
    unusable: "no video in the file",
    incomplete: "cut off by a crash", discarded: "discarded by a person",
    missing: "chunks are missing, and nobody declared them lost",
    notYet: "before its first picture", notRecorded: "no connection to the camera, or not asked to record",
    pending: "may be on its way", expired: "older than it is kept: deleted as chosen",
};

export class Timeline {
    #root; #track; #svg; #tip; #status; #stream; #utc; #on; #timer; #asking; #observer; #pointers = new Map(); #pinch; #moved = false;
    #answer = null; #failed = null; #playhead = null; #cursor; #follows = false; #aimed = 0;
    #marked = null; #marking = null; #isMarking = false;

    constructor(root, { stream, utc, from, to, on }) {
        [this.#root, this.#stream, this.#utc, this.#on] = [root, stream, utc, on];
        this.#cursor = null;
        this.#track = root.querySelector("[data-part=track]");
        this.#tip = root.querySelector("[data-part=tip]");
        this.#status = root.querySelector("[data-part=status]");
        this.#svg = this.#track.appendChild(document.createElementNS(svgNs, "svg"));
        this.#svg.setAttribute("aria-hidden", "true");
        [this.from, this.to] = clamped(from, to);
        this.#listen();
        this.#observer = new ResizeObserver(() => this.#draw());
        this.#observer.observe(this.#track);
        this.#timer = setInterval(() => this.#follow(), 3000);
        this.#ask(0);
    }

    stop() {
        clearInterval(this.#timer);
        clearTimeout(this.#asking?.wait);
        this.#asking?.abort.abort();
        this.#observer.disconnect();
    }

    /// Whether the range goes on with the time.
    get isAtPresent() { return this.#follows || Math.abs(this.to - Date.now()) < 10_000; }

    set utc(utc) { this.#utc = utc; this.#draw(); }

    /// Where the video plays; null while none does.
    set playhead(t) {
        this.#playhead = t;
        if (t !== null && t > this.to && t < this.to + 60_000 && !this.#isAimedAt) this.#move(t - (this.to - this.from) * 0.1);
        this.#drawMarks();
    }

    /// The range that is marked, as { from, to }; null for none.
    set marked(range) { this.#marked = range; this.#drawMarks(); }

    /// Whether dragging marks a range instead of moving the timeline; with Shift it always does.
    set isMarking(value) { this.#isMarking = value; this.#track.dataset.marking = String(value); }

    get cursor() { return this.#cursor; }

    show(from, to) {
        this.#follows = false;
        [this.from, this.to] = clamped(from, to);
        this.#draw();
        this.#ask(150);
    }

    zoom(factor, at = this.#cursor ?? (this.from + this.to) / 2) {
        const share = (at - this.from) / (this.to - this.from);
        const length = Math.min(longest, Math.max(shortest, (this.to - this.from) * factor));
        this.show(at - length * share, at + length * (1 - share));
    }

    pan(share) { this.#move(this.from + (this.to - this.from) * share); }

    last(length) { this.show(Date.now() - length, Date.now()); }

    select(t) {
        this.#cursor = Math.min(this.to, Math.max(this.from, t));
        this.#drawMarks();
    }

    #move(from) { this.show(from, from + this.to - this.from); }

    // What a person aims at must not move away before the click.
    get #isAimedAt() { return this.#pointers.size > 0 || Date.now() - this.#aimed < aiming; }

    // A range that ends now goes on with the time; one that had to stand still for a while catches up.
    #follow() {
        const now = Date.now();
        this.#follows ||= Math.abs(this.to - now) < 10_000;
        if (document.hidden || this.#isAimedAt) return;
        if (this.#follows) this.show(now - (this.to - this.from), now);
        else if (this.#failed || (this.#answer && this.to > now - 120_000)) this.#ask(0);
    }

    #ask(delay) {
        clearTimeout(this.#asking?.wait);
        this.#asking?.abort.abort();
        const abort = new AbortController();
        this.#asking = { abort, wait: setTimeout(() => this.#fetch(abort.signal), delay) };
        clearTimeout(this.#told);
        this.#told = setTimeout(() => this.#on.range(this.from, this.to), delay + 250);
    }
    #told;

    async #fetch(signal) {
        const pixels = Math.round(this.#track.clientWidth) || 1000;
        const range = `from=${new Date(this.from).toISOString()}&to=${new Date(this.to).toISOString()}&pixels=${pixels}`;
        const slow = setTimeout(() => this.#say("Reading the archive ..."), 400);
        try {
            const answer = await fetch(`/api/streams/${this.#stream}/timeline?${range}`, { signal });
            if (!answer.ok) throw new Error(await reason(answer));
            this.#answer = await answer.json();
            this.#failed = null;
            this.#draw();
        } catch (error) {
            if (signal.aborted) return;
            this.#failed = error.message;
            this.#draw();
        } finally {
            clearTimeout(slow);
        }
    }

    #say(text) { if (this.#status.textContent !== text) this.#status.textContent = text; }

    // ---- drawing ----

    #x(t) { return (t - this.from) / (this.to - this.from) * this.#track.clientWidth; }

    #add(name, attributes, text) {
        const element = document.createElementNS(svgNs, name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        if (text) element.textContent = text;
        return element;
    }

    #draw() {
        const width = this.#track.clientWidth;
        if (width === 0) return;
        this.#svg.setAttribute("viewBox", `0 0 ${width} 92`);
        const drawn = [this.#patterns()];
        for (const tick of ticks(this.from, this.to, width, 92, this.#utc)) {
            drawn.push(this.#add("line", { class: "tick", x1: this.#x(tick.t), x2: this.#x(tick.t), y1: 18, y2: 84 }));
            drawn.push(this.#add("text", { class: "tick-label", x: this.#x(tick.t) + 3, y: 13 }, tick.text));
        }
        this.#epochs(drawn);
        for (const piece of this.#answer?.spans ?? []) {
            const [from, to] = [this.#x(Date.parse(piece.from)), this.#x(Date.parse(piece.to))];
            if (to < 0 || from > width) continue;
            // What is missing never gets too thin to be seen.
            const least = piece.kind === "stored" ? 0.5 : 2.5;
            drawn.push(this.#add("rect", {
                class: "span", "data-kind": piece.kind, "data-reason": piece.reason ?? "",
                x: Math.max(-2, from), width: Math.max(least, Math.min(width + 2, to) - Math.max(-2, from)), y: 40, height: 36
            }));
        }
        for (const held of this.#answer?.holds ?? []) {
            const [from, to] = [Math.max(-2, this.#x(Date.parse(held.from))), Math.min(width + 2, this.#x(Date.parse(held.to)))];
            if (to >= 0 && from <= width)
                drawn.push(this.#add("rect", { class: "held", x: from, width: Math.max(2.5, to - from), y: 78, height: 5 }));
        }
        // Losses are drawn last, above what they touch.
        drawn.sort((a, b) => (a.dataset.kind === "lost") - (b.dataset.kind === "lost"));
        this.#marks = this.#add("g", {});
        this.#svg.replaceChildren(...drawn, this.#marks);
        this.#drawMarks();
        const covered = this.#answer ? ` – ${covering(this.#answer.coverage)} recorded` : "";
        this.#say(this.#failed ? `The archive cannot be read: ${this.#failed}. It is asked again by itself.`
            : `${moment(this.from, this.#utc)} to ${moment(this.to, this.#utc)} (${span(this.to - this.from)})${covered}`);
    }
    #marks;

    #epochs(drawn) {
        (this.#answer?.epochs ?? []).forEach((epoch, index) => {
            const [from, to] = [Math.max(0, this.#x(Date.parse(epoch.from))), this.#x(Date.parse(epoch.to))];
            drawn.push(this.#add("rect", { class: `epoch epoch-${index % 2}`, x: from, width: Math.max(1, to - from), y: 22, height: 14 }));
            const name = epoch.count > 1 ? `${epoch.count} connections` : epoch.clock ? `clock: ${epoch.clock}` : "";
            if (name && to - from > name.length * 6.5) drawn.push(this.#add("text", { class: "epoch-label", x: from + 4, y: 32.5 }, name));
        });
    }

    #patterns() {
        const stripes = (id, angle) => {
            const pattern = this.#add("pattern",
                { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` });
            pattern.append(
                this.#add("rect", { width: 6, height: 6, class: `${id}-ground` }),
                this.#add("rect", { width: 2, height: 6, class: `${id}-stripe` }));
            return pattern;
        };
        const all = this.#add("defs", {});
        all.append(stripes("tl-gap", 45), stripes("tl-lost", -45), stripes("tl-spooled", 0));
        return all;
    }

    #drawMarks() {
        if (!this.#marks) return;
        const marks = [];
        if (this.#marked !== null) {
            const [from, to] = [Math.max(-2, this.#x(this.#marked.from)), Math.min(this.#track.clientWidth + 2, this.#x(this.#marked.to))];
            if (to > from) marks.push(this.#add("rect", { class: "marked", x: from, width: Math.max(1, to - from), y: 18, height: 70 }));
        }
        if (this.#cursor !== null)
            marks.push(this.#add("line", { class: "cursor", x1: this.#x(this.#cursor), x2: this.#x(this.#cursor), y1: 18, y2: 88 }));
        if (this.#playhead !== null) {
            const x = this.#x(this.#playhead);
            marks.push(this.#add("path", { class: "playhead", d: `M${x} 38V84M${x - 5} 86h10l-5-7z` }));
        }
        this.#marks.replaceChildren(...marks);
        const at = this.#cursor ?? this.to;
        for (const [key, value] of [["min", this.from], ["max", this.to], ["now", at]])
            this.#track.setAttribute(`aria-value${key}`, Math.round(value / 1000));
        this.#track.setAttribute("aria-valuetext", `${moment(at, this.#utc)}, ${this.#describe(at)}`);
    }

    #pieceAt(t) { return this.#answer?.spans.find(piece => Date.parse(piece.from) <= t && t < Date.parse(piece.to)); }

    #describe(t) {
        const piece = this.#pieceAt(t);
        const isKept = (this.#answer?.holds ?? []).some(held => Date.parse(held.from) <= t && t < Date.parse(held.to));
        const kept = isKept ? ", kept at any age" : "";
        if (piece?.reason === "expired")
            return this.#answer.keptDays ? `kept ${this.#answer.keptDays} days: deleted as chosen` : reasons.expired;
        return piece ? words[piece.kind] + kept + (piece.reason ? `: ${reasons[piece.reason] ?? piece.reason}` : "") : "nothing is known";
    }

    // ---- input ----

    #timeAt(event) {
        const box = this.#track.getBoundingClientRect();
        return this.from + (event.clientX - box.left) / box.width * (this.to - this.from);
    }

    #listen() {
        const track = this.#track;
        track.addEventListener("wheel", event => {
            event.preventDefault();
            if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan((event.deltaX || event.deltaY) / 1000);
            else this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), this.#timeAt(event));
        }, { passive: false });
        track.addEventListener("pointerdown", event => {
            track.setPointerCapture(event.pointerId);
            this.#pointers.set(event.pointerId, event);
            [this.#moved, this.#pinch] = [false, this.#distance()];
            this.#marking = this.#pointers.size === 1 && (this.#isMarking || event.shiftKey)
                ? { x: event.clientX, t: this.#timeAt(event) }
                : null;
        });
        track.addEventListener("pointermove", event => this.#drag(event));
        track.addEventListener("pointerup", event => {
            const single = this.#pointers.size === 1;
            this.#pointers.delete(event.pointerId);
            const marking = this.#marking;
            this.#marking = null;
            if (single && marking && this.#moved) this.#on.mark(this.#marked, true);
            else if (single && !this.#moved) this.#pick(this.#timeAt(event));
        });
        track.addEventListener("pointercancel", event => { this.#pointers.delete(event.pointerId); this.#marking = null; });
        track.addEventListener("pointerleave", () => { [this.#tip.hidden, this.#aimed] = [true, 0]; });
        track.addEventListener("keydown", event => this.#key(event));
        this.#root.addEventListener("click", event => {
            const { act, value } = event.target.closest("[data-act]")?.dataset ?? {};
            if (act === "zoom") this.zoom(Number(value));
            if (act === "pan") this.pan(Number(value));
            if (act === "last") this.last(Number(value) * 1000);
        });
    }

    #distance() {
        const [one, other] = [...this.#pointers.values()];
        return other ? Math.abs(one.clientX - other.clientX) || 1 : null;
    }

    #drag(event) {
        this.#aimed = Date.now();
        const before = this.#pointers.get(event.pointerId);
        if (!before) return this.#hover(event);
        if (this.#marking && this.#pointers.size === 1) {
            if (!this.#moved && Math.abs(event.clientX - this.#marking.x) <= 4) return;
            this.#moved = true;
            const t = Math.min(Math.max(this.#timeAt(event), this.from), this.to);
            this.marked = { from: Math.min(t, this.#marking.t), to: Math.max(t, this.#marking.t) };
            this.#on.mark(this.#marked, false);
        } else if (this.#pointers.size === 2) {
            this.#marking = null;
            this.#pointers.set(event.pointerId, event);
            const now = this.#distance();
            this.zoom(this.#pinch / now, this.#timeAt(event));
            [this.#pinch, this.#moved] = [now, true];
        } else if (this.#moved || Math.abs(event.clientX - before.clientX) > 4) {
            this.pan((before.clientX - event.clientX) / this.#track.clientWidth);
            this.#pointers.set(event.pointerId, event);
            this.#moved = true;
        }
    }

    #hover(event) {
        const t = this.#timeAt(event);
        this.#tip.textContent = `${clockTime(t, this.#utc, this.to - this.from < 120_000)} – ${this.#describe(t)}`;
        this.#tip.hidden = false;
        const left = event.clientX - this.#track.getBoundingClientRect().left;
        const most = this.#track.clientWidth - this.#tip.offsetWidth;
        this.#tip.style.left = `${Math.max(0, Math.min(most, left - this.#tip.offsetWidth / 2))}px`;
    }

    #pick(t) {
        this.select(t);
        this.#on.pick(this.#cursor, this.#pieceAt(this.#cursor)?.kind ?? "gap");
    }

    #key(event) {
        const at = this.#cursor ?? this.to - (this.to - this.from) / 2;
        const step = (this.to - this.from) / (event.shiftKey ? 10 : 100);
        const move = t => {
            if (t < this.from || t > this.to) this.pan(t < this.from ? -0.5 : 0.5);
            this.select(t);
        };
        const keys = {
            ArrowLeft: () => move(at - step), ArrowRight: () => move(at + step),
            ArrowUp: () => this.zoom(0.5, at), ArrowDown: () => this.zoom(2, at),
            "+": () => this.zoom(0.5, at), "-": () => this.zoom(2, at), PageUp: () => this.pan(-0.9), PageDown: () => this.pan(0.9),
            Home: () => this.select(this.from), End: () => this.last(this.to - this.from),
            Enter: () => this.#pick(at), " ": () => this.#pick(at),
        };
        if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        keys[event.key]();
    }
}

// A range that can be shown: not too short, not too long, hardly in the future, and of this age.
function clamped(from, to) {
    const length = Math.min(longest, Math.max(shortest, to - from));
    const end = Math.max(earliest + length, Math.min(to, Date.now() + length * 0.05));
    return [end - length, end];
}

// 99.99 % is not all: it is cut, never rounded up.
function covering(part) { return part >= 1 ? "100 %" : `${(Math.floor(part * 1000) / 10).toFixed(1)} %`; }
