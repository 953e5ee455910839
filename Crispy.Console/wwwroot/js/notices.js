// Notifications of this browser, by choice: the choice is the browser's own to remember. They appear while a page of the console is open.
const key = "crispy:notices";

function supported() {
    return window.isSecureContext && "Notification" in window;
}

// What the page shows: "unsupported", "denied", "on" or "off".
export function state() {
    if (!supported()) return "unsupported";
    if (Notification.permission === "denied") return "denied";
    return Notification.permission === "granted" && localStorage.getItem(key) === "true" ? "on" : "off";
}

// Browsers ask for the permission only in answer to a click: the server's round trip would be too late for some of them.
export function follow(button, page) {
    const click = async () => {
        if (state() === "on") localStorage.setItem(key, "false");
        else if (supported() && await Notification.requestPermission() === "granted") localStorage.setItem(key, "true");
        page.invokeMethodAsync("SetBrowser", state()).catch(() => {}); // The page may be gone by now.
    };
    button.addEventListener("click", click);
    page.invokeMethodAsync("SetBrowser", state()).catch(() => {});
    return { stop: () => button.removeEventListener("click", click) };
}

// The tag keeps several open pages from showing the same notice several times.
export function show(id, title, body) {
    if (state() !== "on") return;
    try {
        const notice = new Notification(title, { body, tag: id, icon: "/favicon.svg" });
        notice.onclick = () => { window.focus(); notice.close(); };
    } catch {
        // Chrome on Android shows them for service workers alone.
    }
}
