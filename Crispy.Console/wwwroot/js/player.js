// Plays a stream in the page: a range of it, or the present without an end. HLS by hls.js, or by the browser itself where it has no Media
// Source Extensions (phones of Apple). What cannot be played is said so, and a still picture stands in its place.
import Hls from "../vendor/hls.js/hls.light.min.mjs";
import { Still, now } from "./pictures.js";
import { reason } from "./problem.js";
import { canPlay, codecName, endOf, segments } from "./playlist.js";

const range = 10 * 60_000;

// How long a list that may go on is waited for, and from when on a picture that does not come is spoken of; milliseconds.
const again = 3000, slow = 8000, hopeless = 12_000;

const nothingYet = "Nothing of the last hour is stored. Live begins with the next chunk.";

// One failure may be told twice.
const same = 1500;

// A chunk may take long to be converted, and the machine may be converting for others first.
const patient = {
    fragLoadPolicy: {
        default: {
            maxTimeToFirstByteMs: 180_000, maxLoadTimeMs: 240_000,
            timeoutRetry: { maxNumRetry: 2, retryDelayMs: 1000, maxRetryDelayMs: 4000 },
            errorRetry: { maxNumRetry: 60, retryDelayMs: 2000, maxRetryDelayMs: 8000 },
        },
    },
};
const busy = "The machine is busy converting for others. It goes on by itself.";

export class Player {
    #screen; #video; #note; #still; #stream; #on; #write;
    #convert; #isConverted = false; #again = null;
    #hls = null; #turn = {}; #timer = null; #isLive = false; #list = []; #next = null; #stuck = null;
    #fetched = false; #shown = false; #recovered = null;

    constructor(screen, { stream, on, write }) {
        [this.#screen, this.#stream, this.#on, this.#write] = [screen, stream, on, write];
        [this.#video, this.#note] = [screen.querySelector("video"), screen.querySelector("[data-part=note]")];
        this.#still = new Still(screen.querySelector("[data-part=still]"), screen.querySelector("[data-part=age]"), stream);
        this.#convert = screen.querySelector("[data-act=convert]");
        this.#convert.addEventListener("click", () => this.#begConverted());
        this.#video.addEventListener("timeupdate", () => this.#tell());
        this.#video.addEventListener("ended", () => this.#goOn());
        this.#video.addEventListener("playing", () => this.#say(""));
        this.#video.addEventListener("loadeddata", () => this.#show());
        this.#video.addEventListener("error", () => { if (this.#video.error && this.#video.src) this.#broken(this.#video.error.message); });
    }

    get isLive() { return this.#isLive; }

    stop() {
        this.#turn = {};
        this.#release();
        this.#still.stop();
    }

    /// Shows the newest picture, and how old it is.
    idle() {
        this.#begin("", false);
        this.#still.newest();
    }

    /// Says that there is nothing to play.
    nothing() {
        this.#begin("No video of this time is stored.", false);
        this.#still.hide();
    }

    /// Plays from a time on; what is not recorded is passed over.
    /// @param after Segments that begin then or before were played already.
    async play(from, after = -Infinity) {
        const turn = this.#begin("Fetching the video ...", false);
        this.#still.hide();
        if (from > now() + 1000) return this.#say(`${this.#write(from)} is still to come.`);
        const to = Math.max(Math.min(from + range, now()), from + 1000);
        try {
            const answer = await fetch(this.#address(from, to));
            const found = answer.ok ? segments(await answer.text()) : [];
            if (turn !== this.#turn) return;
            if (!answer.ok && answer.status !== 404) throw new Error(await reason(answer));
            const first = found.findIndex(segment => endOf(segment) > from && segment.time > after);
            if (first < 0) this.#wait(turn, from, to);
            else this.#start(turn, found, first, from, to);
        } catch (error) {
            if (turn === this.#turn) this.#say(`The video cannot be played: ${error.message}. Choose a time again to retry.`);
        }
    }

    /// Plays the present, some seconds behind it, until something else is asked for.
    live() {
        const turn = this.#begin("Fetching the newest video ...", true);
        this.#still.newest();
        this.#follow(turn, null);
    }

    // ---- beginning ----

    #begin(words, isLive) {
        this.stop();
        this.#setLive(isLive);
        this.#screen.dataset.state = "still";
        [this.#next, this.#list, this.#again, this.#shown] = [null, [], null, false];
        this.#convert.hidden = true;
        this.#say(words);
        return this.#turn;
    }

    #setLive(isLive) {
        this.#isLive = isLive;
        this.#on.live(isLive);
    }

    #address(from, to) {
        return `/api/streams/${this.#stream}/playlist.m3u8?from=${iso(from)}&to=${iso(to)}${this.#isConverted ? "&converted=true" : ""}`;
    }

    // A stretch that the browser can play ends before the first segment that it cannot.
    #start(turn, found, first, from, to) {
        if (!canPlay(found[first].codec)) return this.#unplayable(found[first].codec, Math.max(from, found[first].time));
        const other = found.findIndex((segment, index) => index > first && !canPlay(segment.codec));
        const last = found.at(other < 0 ? -1 : other - 1);
        this.#next = { from: other < 0 ? endOf(last) : found[other].time, after: last.time };
        this.#list = found;
        const within = Math.max(0, Math.min(found[first].length / 1000 - 0.1, (from - found[first].time) / 1000));
        this.#attach(turn, this.#address(from, other < 0 ? to : found[other].time), found[first].position + within);
    }

    #wait(turn, from, to) {
        if (to < now() - again) return this.#say("Nothing is stored in the ten minutes from there on. Choose a time that is.");
        this.#setLive(true);
        this.#say("Nothing is stored from there on yet. Waiting for the next chunk ...");
        this.#follow(turn, from);
    }

    // Asks for the list that goes on until there is something in it.
    async #follow(turn, from) {
        while (turn === this.#turn) {
            try {
                const query = new URLSearchParams({
                    ...(from === null ? {} : { from: iso(from) }),
                    ...(this.#isConverted ? { converted: "true" } : {})
                });
                const answer = await fetch(`/api/streams/${this.#stream}/live.m3u8?${query}`);
                const found = answer.ok ? segments(await answer.text()) : [];
                const why = answer.ok ? "" : await reason(answer);
                if (turn !== this.#turn) return;
                if (found.length > 0 && this.#join(turn, found, answer.url, from)) return;
                if (answer.status === 400) from = null; // It began too long ago.
                else if (answer.status === 404) this.#say(from === null ? nothingYet : "Waiting for the next chunk ...");
                else if (!answer.ok) this.#say(`Live waits: ${why}. It is asked again by itself.`);
            } catch (error) {
                if (turn === this.#turn) this.#say(`Live waits: ${error.message}. It is asked again by itself.`);
            }
            await new Promise(done => setTimeout(done, again));
        }
    }

    // Whether there is no need to ask again.
    #join(turn, found, address, from) {
        const last = found.at(-1);
        if (!canPlay(last.codec)) {
            if (from !== null) this.#still.newest();
            this.#say(`This browser cannot play ${codecName(last.codec)} video. The newest picture is shown instead.`);
            this.#offer(() => this.live());
            return true;
        }
        if (from === null && now() - endOf(last) > 30_000 + 3 * last.length) {
            this.#say(`Nothing newer than ${this.#write(endOf(last))} is stored. Live begins with the next chunk.`);
            return false;
        }
        this.#list = found;
        this.#attach(turn, address, 0, last.length / 1000);
        return true;
    }

    // Workers would be made of a blob, which the page's policy does not allow. A window says that the list goes on, and how long a chunk
    // is, in seconds.
    #attach(turn, list, startPosition, window = null) {
        this.#timer = setInterval(() => this.#watch(), 1000);
        if (!Hls.isSupported()) return this.#native(turn, list, startPosition);
        const usual = { enableWorker: false, startFragPrefetch: true, maxBufferLength: 20, maxBufferHole: 0.7, nudgeMaxRetry: 10 };
        const endless = window === null ? {} : {
            liveSyncDuration: 2 * window, liveMaxLatencyDuration: Math.max(40, 10 * window), liveDurationInfinity: true,
            backBufferLength: 60,
        };
        const hls = this.#hls = new Hls({ ...usual, startPosition, ...endless, ...(this.#isConverted ? patient : {}) });
        hls.on(Hls.Events.ERROR, (_, error) => { if (hls === this.#hls) this.#failed(turn, error); });
        hls.on(Hls.Events.MANIFEST_PARSED, () => this.#run(turn));
        hls.on(Hls.Events.FRAG_BUFFERED, () => { this.#fetched = true; });
        hls.loadSource(list);
        hls.attachMedia(this.#video);
    }

    #native(turn, list, start) {
        this.#video.src = list;
        const begin = () => { if (turn === this.#turn && start > 0) this.#video.currentTime = start; };
        this.#video.addEventListener("loadedmetadata", begin, { once: true });
        this.#run(turn);
    }

    // The person is asked to press play only where the browser wants that; what else ends the promise is told elsewhere.
    #run(turn) {
        this.#video.play().catch(error => {
            if (turn !== this.#turn || error.name !== "NotAllowedError") return;
            this.#screen.dataset.state = "video";
            this.#say("Press play to begin.");
        });
    }

    // The first frame is there; or sound alone.
    #show() {
        if (!this.#video.src) return;
        if (this.#video.videoWidth === 0) return this.#undecodable("no picture comes of it");
        this.#still.stop();
        this.#shown = true;
        this.#screen.dataset.state = "video";
        this.#screen.dataset.converted = String(this.#isConverted);
    }

    #release() {
        clearInterval(this.#timer);
        this.#hls?.destroy();
        [this.#hls, this.#stuck, this.#fetched, this.#recovered] = [null, null, false, null];
        this.#video.removeAttribute("src");
        this.#video.load();
    }

    // ---- what goes wrong ----

    #failed(turn, { fatal, type, details, response, error, sourceBufferName }) {
        if (/codec/i.test(details) && (fatal || sourceBufferName === "video")) return this.#undecodable(error?.message);
        if (!fatal) {
            if (this.#isConverted && response?.code === 503) this.#say(busy);
            return;
        }
        if (type === Hls.ErrorTypes.MEDIA_ERROR) return this.#broken(error?.message ?? details);
        const why = response?.code ? `the archive answered ${response.code}` : error?.message ?? details;
        this.#release();
        if (!this.#isLive) return this.#say(`The video cannot be fetched: ${why}. Choose a time again to retry.`);
        this.#screen.dataset.state = "still";
        this.#still.newest();
        this.#say(`Live waits: ${why}. It is asked again by itself.`);
        setTimeout(() => this.#follow(turn, null), again);
    }

    // A decoder may stumble once.
    #broken(why) {
        if (this.#hls === null || (this.#recovered !== null && performance.now() - this.#recovered > same)) return this.#undecodable(why);
        if (this.#recovered !== null) return;
        this.#recovered = performance.now();
        this.#hls.recoverMediaError();
        this.#run(this.#turn);
    }

    /// The browser says beforehand that it cannot play a codec.
    #unplayable(codec, t) { this.#stand(t, `This browser cannot play ${codecName(codec)} video.`); }

    /// It thought that it could.
    #undecodable(why) {
        const t = this.#time ?? this.#list[0]?.time ?? now();
        const codec = (this.#list.find(segment => endOf(segment) > t) ?? this.#list.at(-1))?.codec ?? "";
        this.#release();
        this.#stand(t, `This browser cannot decode this ${codec === "" ? "" : `${codecName(codec)} `}video${why ? ` (${why})` : ""}.`);
    }

    // A picture stands in for the video. Who asked for the present gets the newest one, again and again.
    async #stand(t, words) {
        const turn = this.#turn;
        this.#screen.dataset.state = "still";
        this.#say(words);
        if (this.#isLive) {
            this.#still.newest();
            this.#say(`${words} The newest picture is shown instead.`);
            return this.#offer(() => this.live());
        }
        this.#on.time(t, false);
        this.#offer(() => this.play(t));
        const isShown = await this.#still.at(t);
        if (turn !== this.#turn) return;
        const shown = isShown ? ` The picture is of ${this.#write(t)}.` : "";
        this.#say(`${words}${shown} Download the chunk, or take out a range, and open it in another player.`);
    }

    // Where the machine converts at all, and has not done so in vain.
    #offer(again) {
        if (this.#isConverted || this.#screen.dataset.converts !== "true") return;
        [this.#again, this.#convert.hidden] = [again, false];
    }

    #begConverted() {
        const again = this.#again;
        if (again === null) return;
        this.#isConverted = true;
        again();
    }

    // ---- while it plays ----

    #say(text) {
        if (this.#note.textContent !== text) this.#note.textContent = text;
        this.#note.hidden = text === "";
    }

    get #time() {
        const date = this.#hls ? this.#hls.playingDate : this.#video.getStartDate?.();
        if (!date || Number.isNaN(date.getTime())) return null;
        return date.getTime() + (this.#hls ? 0 : this.#video.currentTime * 1000);
    }

    #tell() {
        const t = this.#time;
        if (t !== null) this.#on.time(t, this.#isLive);
    }

    // Every second: whether the picture moves, and why not.
    #watch() {
        const video = this.#video;
        if (video.paused || video.ended || video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) {
            this.#stuck = null;
            return;
        }
        this.#stuck ??= performance.now();
        const stuck = performance.now() - this.#stuck;
        // What was shown once can be decoded: its next picture is only late.
        if (!this.#isConverted && this.#fetched && !this.#shown && video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA
            && stuck > hopeless) return this.#undecodable("");
        if (stuck < slow) return;
        const last = this.#lastListed();
        const isAtEdge = this.#isLive && last !== null && now() - endOf(last) > slow;
        if (this.#isConverted && this.#note.textContent === busy) return;
        this.#say(isAtEdge ? `No newer chunk than ${this.#write(endOf(last))} is stored. It goes on when one comes.`
                : this.#isConverted ? "Converting takes longer than playing on this machine. It goes on by itself."
                : "The video takes long. It goes on by itself.");
    }

    // The last segment of the list as the player has it: it may be longer than it was at first.
    #lastListed() {
        const last = this.#hls?.levels?.[0]?.details?.fragments?.at(-1);
        return last?.programDateTime ? { time: last.programDateTime, length: last.duration * 1000 } : null;
    }

    // What follows, if it is there yet; at the edge of what is stored, the list that goes on.
    #goOn() {
        if (this.#isLive || this.#next === null) return this.live();
        const last = this.#lastListed();
        const { from, after } = last !== null && last.time > this.#next.after ? { from: endOf(last), after: last.time } : this.#next;
        if (from < now() - 60_000) return this.play(from, after);
        const turn = this.#begin("Waiting for the next chunk ...", true);
        this.#still.newest();
        this.#follow(turn, after + 1);
    }
}

function iso(t) { return new Date(t).toISOString(); }
