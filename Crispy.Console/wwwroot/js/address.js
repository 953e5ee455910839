// What a stream's page shows, in its address: so that a link leads another person to the same time and zoom, and a reload loses nothing.
const usual = 3_600_000, wait = 300;

export class Address {
    #timer = null; #at = null; #range = {};

    constructor(at) { this.#at = at; }

    stop() { clearTimeout(this.#timer); }

    /// The time that was chosen, or is played; null for the present.
    set at(t) {
        this.#at = t;
        this.#soon();
    }

    /// The range of the timeline. One that goes on with the time is told by its length, and the usual one not at all.
    range(from, to, isAtPresent) {
        const length = Math.round((to - from) / 1000);
        this.#range = !isAtPresent ? { from: iso(from), to: iso(to) } : Math.abs(to - from - usual) < 1000 ? {} : { last: String(length) };
        this.#soon();
    }

    // Browsers allow only so many changes in a while.
    #soon() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#write(), wait);
    }

    #write() {
        const query = new URLSearchParams(this.#at === null ? {} : { at: iso(this.#at) });
        for (const [key, value] of Object.entries(this.#range)) query.set(key, value);
        // Colons may stand in a query as they are, and are easier to read there.
        const text = query.toString().replaceAll("%3A", ":");
        const address = location.pathname + (text ? `?${text}` : "") + location.hash;
        if (address !== location.pathname + location.search + location.hash) history.replaceState(history.state, "", address);
    }
}

function iso(t) { return new Date(t).toISOString(); }
