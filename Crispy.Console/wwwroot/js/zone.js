// In which zone times are shown: the browser's own, unless a person chose UTC.
const key = "crispy:utc";

export function read() {
    return { zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? null, utc: localStorage.getItem(key) === "true" };
}

export function write(utc) {
    localStorage.setItem(key, String(utc));
}
