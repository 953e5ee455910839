// Links that are files: asked for by script first, so that a refusal is a sentence beside the link and not a broken file.
import { reason } from "./problem.js";

document.addEventListener("click", event => {
    const link = event.target instanceof Element ? event.target.closest("a[data-file]") : null;
    // A click that opens a tab or a window is the browser's own affair.
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || event.defaultPrevented) return;
    event.preventDefault();
    if (link.ariaBusy !== "true") fetchFile(link);
});

async function fetchFile(link) {
    const note = link.parentElement.querySelector("[role=alert]");
    [link.ariaBusy, note.textContent] = ["true", ""];
    try {
        const answer = await fetch(link.href, { redirect: "manual" });
        // A redirection leads to the bucket, where no script may look: the browser itself follows it.
        if (answer.type === "opaqueredirect") save(link.href, link.download);
        else if (answer.ok) keep(await contentOf(answer), link.download || nameIn(answer));
        else note.textContent = `There is no file: ${await reason(answer)}`;
    } catch (error) {
        note.textContent = `There is no file: ${error.message}. Click again to retry.`;
    }
    link.ariaBusy = "false";
}

// A playlist that lies elsewhere must say in full where its segments are.
async function contentOf(answer) {
    if (!answer.headers.get("Content-Type")?.includes("mpegurl")) return answer.blob();
    const whole = path => new URL(path, answer.url).href;
    const text = (await answer.text()).replace(/^[^#\n].*$/gm, whole).replace(/URI="([^"]+)"/g, (_, path) => `URI="${whole(path)}"`);
    return new Blob([text], { type: "application/vnd.apple.mpegurl" });
}

function nameIn(answer) { return /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? ""; }

function keep(blob, name) {
    const address = URL.createObjectURL(blob);
    save(address, name);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/// Lets the browser save what is at an address. The attribute keeps the page's router away from it.
export function save(address, name) {
    const link = document.createElement("a");
    [link.href, link.download] = [address, name];
    link.click();
}
