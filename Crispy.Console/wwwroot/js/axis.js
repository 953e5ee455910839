// The time axis: where ticks stand, and how times are written. Times are milliseconds since 1970.
const second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map(n => n * second)
    .concat([1, 2, 5, 10, 15, 30].map(n => n * minute), [1, 2, 3, 6, 12].map(n => n * hour), [1, 2, 7].map(n => n * day));

/// The ticks of a range, at most one for `room` pixels; on whole units of the shown zone.
export function ticks(from, to, width, room, utc) {
    const wanted = (to - from) * room / Math.max(width, 1);
    const step = steps.find(s => s >= wanted) ?? steps.at(-1);
    const shift = utc ? 0 : -new Date(from).getTimezoneOffset() * minute;
    const all = [];
    for (let t = Math.ceil((from + shift) / step) * step - shift; t < to; t += step) all.push({ t, text: label(t, step, utc) });
    return all;
}

function label(t, step, utc) {
    const midnight = parts(t, utc);
    if (step >= day || (midnight.time === "00:00:00" && step >= minute)) return midnight.date.slice(5);
    if (step >= minute) return midnight.time.slice(0, 5);
    return step >= second ? midnight.time : midnight.time + midnight.fraction.slice(0, 2);
}

function parts(t, utc) {
    const zoned = new Date(utc ? t : t - new Date(t).getTimezoneOffset() * minute).toISOString();
    return { date: zoned.slice(0, 10), time: zoned.slice(11, 19), fraction: zoned.slice(19, 23) };
}

export function moment(t, utc) {
    const { date, time } = parts(t, utc);
    return `${date} ${time} ${utc ? "UTC" : offset(t)}`;
}

/// Reads what moment() writes, and what people write: "2026-11-27 14:03:05", with or without seconds and a zone. Null where it is no time.
export function parseMoment(text, utc) {
    const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?\s*(Z|UTC|[+-]\d\d:\d\d)?$/.exec(text.trim());
    if (!found) return null;
    const [, date, hours, minutes, seconds = "00", zone = utc ? "Z" : ""] = found;
    const t = Date.parse(`${date}T${hours.padStart(2, "0")}:${minutes}:${seconds}${zone === "UTC" ? "Z" : zone}`);
    return Number.isNaN(t) ? null : t;
}

// The browser's own distance from UTC at a time, as in +01:00.
function offset(t) {
    const minutes = -new Date(t).getTimezoneOffset();
    const two = n => String(Math.floor(n)).padStart(2, "0");
    return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

export function clockTime(t, utc, fine) {
    const { time, fraction } = parts(t, utc);
    return fine ? time + fraction : time;
}

/// 90 -> "1 min 30 s"; two units at most.
export function span(milliseconds) {
    const s = milliseconds / 1000;
    if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
    const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const first = units.findIndex(([size]) => s >= size);
    const head = Math.floor(s / units[first][0]);
    const next = units[first + 1];
    const tail = next ? Math.floor((s - head * units[first][0]) / next[0]) : 0;
    return `${head} ${units[first][1]}${tail ? ` ${tail} ${next[1]}` : ""}`;
}
