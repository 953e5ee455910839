// Reads the archive's playlists, and asks the browser which codecs it can play.

// By ffmpeg's name: what people call it, and a usual form of it to ask the browser about; null where no browser plays it.
const codecs = {
    h264: ["H.264", "avc1.640028"], hevc: ["H.265", "hvc1.1.6.L120.B0"], vvc: ["H.266", "vvc1.1.L67"],
    av1: ["AV1", "av01.0.08M.08"], vp9: ["VP9", "vp09.00.40.08"], vp8: ["VP8", "vp08.00.40.08"],
    mjpeg: ["Motion JPEG", null], mpeg4: ["MPEG-4 Part 2", null], mpeg2video: ["MPEG-2", null], mpeg1video: ["MPEG-1", null],
    h263: ["H.263", null],
};

export function codecName(codec) { return codecs[codec]?.[0] ?? codec.toUpperCase(); }

/// Whether this browser plays a codec. Of one that is not in the list nothing is known: then it is tried.
export function canPlay(codec) {
    if (!Object.hasOwn(codecs, codec)) return true;
    const [, form] = codecs[codec];
    if (form === null) return false;
    const type = `video/mp4; codecs="${form}"`;
    const source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;
    return source ? source.isTypeSupported(type) : document.createElement("video").canPlayType(type) !== "";
}

/// The segments: when each begins, how long it is (milliseconds), where it is in the playlist (seconds), and its codec by ffmpeg's name.
export function segments(text) {
    const all = [];
    let [position, time, codec] = [0, null, ""];
    for (const line of text.split("\n")) {
        if (line.startsWith("#EXT-X-CRISPY-CODEC:")) codec = line.slice(20).trim();
        else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) time = Date.parse(line.slice(25));
        else if (line.startsWith("#EXTINF:")) {
            const length = parseFloat(line.slice(8)) * 1000;
            all.push({ time, length, position, codec });
            position += length / 1000;
            if (time !== null) time += length;
        }
    }
    return all;
}

export function endOf(segment) { return segment.time + segment.length; }
