// Still pictures of streams. They are fetched by script, a few at once, so that it is known when each was filmed.
import { span } from "./axis.js";
import { reason } from "./problem.js";

const atOnce = 3, patience = 20_000;
const waiting = [];
let [running, skew] = [0, 0];

/// The console's time: a browser's clock may be off, and an age is not to be.
export function now() { return Date.now() + skew; }

/// Fetches the picture of a time, or the newest.
/// Gives { blob, moment, tag }; null where nothing is stored then.
export async function picture(stream, { at = null, width = 320 } = {}) {
    if (running >= atOnce) await new Promise(next => waiting.push(next));
    else running++;
    try {
        const query = new URLSearchParams({ width });
        if (at !== null) query.set("at", new Date(at).toISOString());
        const how = { cache: "no-cache", signal: AbortSignal.timeout(patience) };
        const answer = await fetch(`/api/streams/${stream}/thumbnail?${query}`, how);
        setClock(answer);
        if (answer.status === 404) return null;
        if (!answer.ok) throw new Error(await reason(answer));
        return { blob: await answer.blob(), moment: Date.parse(answer.headers.get("Crispy-Moment")), tag: answer.headers.get("ETag") };
    } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
    }
}

// To the second, which is what the header has; a picture out of the browser's own store has an old one.
function setClock(answer) {
    const told = Date.parse(answer.headers.get("Date"));
    if (Number.isNaN(told)) return;
    const found = told + 500 - Date.now();
    skew = Math.abs(found) < 2000 ? 0 : found;
}

/// Shows a picture in an image; what it showed before is let go.
export function show(image, found) {
    image.hidden = false;
    if (found.tag !== null && image.dataset.tag === found.tag) return;
    const before = image.src;
    image.src = URL.createObjectURL(found.blob);
    image.dataset.tag = found.tag ?? "";
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
}

/// How old a picture is: 12 -> "12 s ago"; what is older than a minute is not the present, and says so.
export function ageText(moment) {
    const age = Math.max(0, now() - moment);
    return age < 60_000 ? `${Math.round(age / 1000)} s ago` : `This picture is ${span(age)} old`;
}

export function isStale(moment) { return now() - moment >= 60_000; }

export function write(element, text, stale = false) {
    if (element.textContent !== text) element.textContent = text;
    element.hidden = text === "";
    element.dataset.stale = String(stale);
}

/// The picture of a stream's page: the newest, over and over, or that of one moment.
export class Still {
    #image; #note; #stream; #timer = null; #turn = {}; #moment = null; #asked = -Infinity; #busy = false; #failed = "";

    constructor(image, note, stream) { [this.#image, this.#note, this.#stream] = [image, note, stream]; }

    /// Shows the newest picture and how old it is, until it is stopped.
    newest(width = 1280) {
        this.stop();
        const turn = this.#turn;
        const tick = () => {
            if (document.hidden) return;
            if (!this.#busy && performance.now() - this.#asked > 5000) this.#ask(turn, width);
            this.#tell();
        };
        this.#timer = setInterval(tick, 1000);
        tick();
    }

    /// Shows the picture of a moment; says whether there is one.
    async at(t) {
        this.hide();
        const turn = this.#turn;
        const found = await picture(this.#stream, { at: t, width: 1280 }).catch(() => null);
        if (turn !== this.#turn || !found) return false;
        show(this.#image, found);
        this.#image.alt = "What the camera showed then";
        return true;
    }

    hide() {
        this.stop();
        this.#image.hidden = true;
    }

    stop() {
        clearInterval(this.#timer);
        [this.#turn, this.#busy, this.#asked, this.#failed, this.#moment] = [{}, false, -Infinity, "", null];
        write(this.#note, "");
    }

    async #ask(turn, width) {
        [this.#busy, this.#asked] = [true, performance.now()];
        try {
            const found = await picture(this.#stream, { width });
            if (turn !== this.#turn) return;
            this.#failed = found ? "" : "Nothing is stored yet";
            if (found) {
                show(this.#image, found);
                [this.#moment, this.#image.alt] = [found.moment, "The newest picture"];
            }
        } catch (error) {
            if (turn !== this.#turn) return;
            this.#failed = `No newer picture: ${error.message}`;
        }
        this.#busy = false;
        this.#tell();
    }

    #tell() {
        const age = this.#moment === null ? "" : ageText(this.#moment);
        write(this.#note, [age, this.#failed].filter(text => text !== "").join(". "), this.#moment !== null && isStale(this.#moment));
    }
}
