// Tells the page how many tiles of at least 15 rem stand side by side in an element.
export function observe(element, page) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const gap = 0.75 * rem;
    let told = 0;
    const observer = new ResizeObserver(([entry]) => {
        const columns = Math.max(1, Math.floor((entry.contentRect.width + gap) / (15 * rem + gap)));
        if (columns !== told) page.invokeMethodAsync("SetColumns", (told = columns)).catch(() => {}); // The page may be gone by now.
    });
    observer.observe(element);
    return { stop: () => observer.disconnect() };
}
