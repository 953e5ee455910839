// Plays a range of a stream in the page: HLS by hls.js, or by the browser itself where it has no Media Source Extensions (phones of Apple).
import Hls from "../vendor/hls.js/hls.light.min.mjs";

const window_ = 10 * 60_000;

export class Player {
    #video; #note; #stream; #on; #hls = null; #until = 0; #recovered = false;

    constructor(video, note, { stream, on }) {
        [this.#video, this.#note, this.#stream, this.#on] = [video, note, stream, on];
        video.addEventListener("timeupdate", () => this.#tell());
        video.addEventListener("ended", () => this.#goOn());
        video.addEventListener("playing", () => this.#say(""));
    }

    stop() {
        this.#hls?.destroy();
        this.#hls = null;
        this.#video.removeAttribute("src");
        this.#video.load();
    }

    /// Plays from a time on; what is not recorded is passed over.
    async play(from) {
        this.stop();
        this.#until = Math.min(from + window_, Date.now());
        this.#video.parentElement.dataset.state = "playing";
        this.#say("Fetching the video ...");
        const list = `/api/streams/${this.#stream}/playlist.m3u8?from=${new Date(from).toISOString()}&to=${new Date(this.#until).toISOString()}`;
        const turn = this.#turn = {};
        try {
            const answer = await fetch(list);
            if (turn !== this.#turn) return;
            if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `the archive answered ${answer.status}`);
            const start = offset(await answer.text(), from);
            if (start === null) this.#say("Nothing is stored in the ten minutes from there on. Choose a time that is.");
            else if (Hls.isSupported()) this.#load(list, start);
            else this.#native(list, start);
        } catch (error) {
            if (turn === this.#turn) this.#say(`The video cannot be played: ${error.message}. Choose a time again to retry.`);
        }
    }
    #turn;

    // Workers would be made of a blob, which the page's policy does not allow.
    #load(list, startPosition) {
        const hls = this.#hls = new Hls({ enableWorker: false, startPosition, startFragPrefetch: true, maxBufferLength: 20, maxBufferHole: 0.7, nudgeMaxRetry: 10 });
        hls.on(Hls.Events.ERROR, (_, error) => this.#failed(hls, error));
        hls.on(Hls.Events.MANIFEST_PARSED, () => this.#video.play().catch(() => this.#say("Press play to begin.")));
        hls.loadSource(list);
        hls.attachMedia(this.#video);
    }

    #native(list, start) {
        this.#video.src = list;
        this.#video.addEventListener("loadedmetadata", () => { this.#video.currentTime = start; }, { once: true });
        this.#video.play().catch(() => this.#say("Press play to begin."));
    }

    #failed(hls, { fatal, type, details, response, error }) {
        if (!fatal) return;
        if (type === Hls.ErrorTypes.MEDIA_ERROR && details !== "bufferAddCodecError" && details !== "manifestIncompatibleCodecsError" && !this.#recovered) {
            this.#recovered = true;
            hls.recoverMediaError();
            return;
        }
        hls.destroy();
        this.#hls = null;
        this.#say(/codec/i.test(details) ? "This browser cannot decode the camera's video (it may be H.265). Download the chunk, or open it in another player."
            : `The video cannot be fetched (${response?.code ? `answer ${response.code}` : error?.message ?? details}). Choose a time again to retry.`);
    }

    #say(text) {
        this.#note.textContent = text;
        this.#note.hidden = text === "";
    }

    #tell() {
        const date = this.#hls ? this.#hls.playingDate : this.#video.getStartDate?.();
        if (!date) return;
        this.#on.time(date.getTime() + (this.#hls ? 0 : this.#video.currentTime * 1000));
    }

    // The next ten minutes, if they are there yet.
    #goOn() {
        if (this.#until < Date.now() - 15_000) this.play(this.#until);
        else this.#say("That is all that is stored so far.");
    }
}

// Where in a playlist a time is, in seconds from its beginning: at it, or at the first that follows it; null where there is nothing.
function offset(list, wanted) {
    let [position, time, found] = [0, null, null];
    for (const line of list.split("\n")) {
        if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) time = Date.parse(line.slice(25));
        if (!line.startsWith("#EXTINF:")) continue;
        const length = parseFloat(line.slice(8));
        if (found === null && (time === null || time + length * 1000 > wanted)) found = position + Math.max(0, Math.min(length - 0.1, (wanted - time) / 1000));
        position += length;
        if (time !== null) time += length * 1000;
    }
    return found;
}
