// Takes a range out: it is marked on the timeline or written down, its plan is shown, and the browser saves one file.
import { moment, parseMoment, span } from "./axis.js";
import { save } from "./download.js";
import { now } from "./pictures.js";
import { reason } from "./problem.js";

const settle = 300, poll = 500, patience = 30_000, shownHoles = 5;
const kinds = { gap: "not recorded", lost: "lost", dead: "dead letter", spooled: "not stored yet", bad: "not what was signed" };
const stages = { beginning: "Looking it up ...", fetching: "Fetching and checking", joining: "Joining ...", sending: "Sending" };

export class TakeOut {
    #panel; #stream; #timeline; #utc; #range = null; #plan = null; #asking = null; #timer = null; #turn = {};

    constructor(panel, { stream, utc, timeline }) {
        [this.#panel, this.#stream, this.#timeline, this.#utc] = [panel, stream, timeline, utc];
        this.#part("mark").addEventListener("click", () => this.#setMarking(this.#part("mark").ariaPressed !== "true"));
        this.#part("form").addEventListener("submit", event => { event.preventDefault(); this.#read(); });
        for (const input of panel.querySelectorAll("input[type=radio]")) input.addEventListener("change", () => this.#show());
        this.#part("download").addEventListener("click", () => this.#begin());
    }

    set utc(value) {
        this.#utc = value;
        this.#write();
    }

    stop() {
        this.#turn = {};
        clearTimeout(this.#timer);
        this.#asking?.abort();
    }

    /// Told by the timeline of a range that is dragged, and whether that is over.
    mark(range, isDone) {
        this.#range = { from: range.from, to: Math.min(range.to, now()) };
        this.#write();
        if (!isDone) return;
        this.#setMarking(false);
        this.#ask();
    }

    #part(name) { return this.#panel.querySelector(`[data-takeout=${name}]`); }

    #setMarking(isMarking) {
        this.#part("mark").ariaPressed = String(isMarking);
        this.#timeline.isMarking = isMarking;
    }

    // To the second, as people write it: outwards, so that nothing is cut off.
    #write() {
        if (this.#range === null) return;
        this.#part("from").value = moment(Math.floor(this.#range.from / 1000) * 1000, this.#utc);
        this.#part("to").value = moment(Math.ceil(this.#range.to / 1000) * 1000, this.#utc);
    }

    #read() {
        const [from, to] = [this.#part("from"), this.#part("to")].map(field => parseMoment(field.value, this.#utc));
        this.#part("from").ariaInvalid = String(from === null);
        this.#part("to").ariaInvalid = String(to === null || (from !== null && to <= from));
        if (from === null || to === null) return this.#refuse("Write both times like 2026-11-27 14:03:05.");
        if (to <= from) return this.#refuse("The end is not after the beginning.");
        this.#range = { from, to };
        this.#timeline.marked = this.#range;
        this.#ask();
    }

    #refuse(words) {
        this.#plan = null;
        this.#part("problem").textContent = words;
        this.#show();
    }

    // ---- what it would hold ----

    #ask() {
        clearTimeout(this.#timer);
        this.#asking?.abort();
        const abort = this.#asking = new AbortController();
        this.#part("problem").textContent = "";
        this.#part("facts").textContent = "Looking it up ...";
        this.#timer = setTimeout(() => this.#fetch(abort.signal), settle);
    }

    async #fetch(signal) {
        try {
            const answer = await fetch(`/api/streams/${this.#stream}/export/plan?${this.#query()}`, { signal });
            if (!answer.ok) throw new Error(await reason(answer));
            this.#plan = await answer.json();
            this.#part("problem").textContent = this.#plan.problem ?? "";
            this.#show();
        } catch (error) {
            if (!signal.aborted) this.#refuse(`It cannot be said what is there: ${error.message}`);
        }
    }

    #query() { return new URLSearchParams({ from: new Date(this.#range.from).toISOString(), to: new Date(this.#range.to).toISOString() }); }

    get #container() { return this.#panel.querySelector("input[name=takeout-container]:checked").value; }

    get #sound() { return this.#panel.querySelector("input[name=takeout-sound]:checked").value; }

    #show() {
        const plan = this.#plan;
        const isReady = plan !== null && plan.problem === null;
        const mp4 = this.#panel.querySelector("input[value=mp4]");
        mp4.disabled = plan !== null && !plan.videoFitsMp4;
        if (mp4.disabled && mp4.checked) this.#panel.querySelector("input[value=mkv]").checked = true;
        const needsChoice = isReady && this.#container === "mp4" && !plan.soundFitsMp4;
        this.#part("sound").hidden = !needsChoice;
        if (needsChoice)
            this.#part("sound-words").textContent = `The sound is ${plan.soundName}, which MP4 cannot hold. MKV holds it as it is.`;
        this.#part("download").disabled = !isReady;
        this.#part("facts").textContent = plan === null ? ""
            : `${span(plan.length * 1000)} of video, ${size(plan.bytes)}, ${count(plan.chunks, "chunk")}; `
            + (plan.holes.length === 0 ? "nothing is missing."
                : `${count(plan.holes.length, "part")} missing (${span(missing(plan.holes))}):`);
        const lines = (plan?.holes ?? []).slice(0, shownHoles)
            .map(hole => `${moment(Date.parse(hole.from), this.#utc)}, ${span(length(hole))}: ${kinds[hole.kind] ?? hole.kind}`);
        if (plan && plan.holes.length > shownHoles) lines.push(`${plan.holes.length - shownHoles} more.`);
        this.#part("holes").replaceChildren(...lines.map(text => Object.assign(document.createElement("li"), { textContent: text })));
    }

    // ---- the file ----

    #begin() {
        const turn = this.#turn = {};
        const ticket = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
        const query = this.#query();
        query.set("container", this.#container);
        if (!this.#part("sound").hidden) query.set("audio", this.#sound);
        query.set("originals", String(this.#part("originals").checked));
        query.set("ticket", ticket);
        this.#tell("Beginning ...", null);
        this.#part("download").disabled = true;
        save(`/api/streams/${this.#stream}/export?${query}`, "");
        this.#follow(turn, ticket);
    }

    async #follow(turn, ticket) {
        const begun = performance.now();
        while (turn === this.#turn) {
            await new Promise(done => setTimeout(done, poll));
            const answer = await fetch(`/api/streams/${this.#stream}/export/progress?ticket=${ticket}`).catch(() => null);
            if (turn !== this.#turn) return;
            if (answer?.ok) {
                const { stage, done, total, error } = await answer.json();
                if (stage === "done") return this.#end("The file is complete.");
                if (stage === "failed")
                    return this.#end(`There is no whole file: ${error}${done > 0 ? " What was saved of it cannot be opened." : ""}`);
                this.#tell(total > 0 && stage !== "joining" ? `${stages[stage]}: ${size(done)} of about ${size(total)}` : stages[stage],
                    total > 0 ? done / total : null);
            } else if (performance.now() - begun > patience) {
                const why = answer ? `: ${await reason(answer)}` : "";
                return this.#end(`Nobody says how far it is${why}. The browser's list of downloads does.`);
            }
        }
    }

    #end(words) {
        this.#tell(words, null);
        this.#part("progress").hidden = true;
        this.#part("download").disabled = this.#plan === null || this.#plan.problem !== null;
    }

    #tell(words, share) {
        const [status, bar] = [this.#part("status"), this.#part("progress")];
        if (status.textContent !== words) status.textContent = words;
        bar.hidden = false;
        if (share === null) bar.removeAttribute("value");
        else bar.value = Math.min(1, share);
    }
}

function count(number, word) { return `${number} ${word}${number === 1 ? "" : "s"}`; }

function length(hole) { return Date.parse(hole.to) - Date.parse(hole.from); }

function missing(holes) { return holes.reduce((sum, hole) => sum + length(hole), 0); }

/// 1234567 -> "1.2 MB"
function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
    return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
