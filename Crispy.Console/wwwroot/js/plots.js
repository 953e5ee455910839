// Draws time series by uPlot. Each plot has the same time axis, and the same moment is marked in all of them.
import uPlot from "../vendor/uplot/uPlot.esm.js";

// The axis reaches at least to `least`, so that a quiet plot does not look like a storm.
const kinds = {
    throughput: { series: [["Mbit/s", "--stored"]], least: 0.05 },
    delay: { series: [["Median, s", "--stored"], ["Longest, s", "--warning"]], least: 0.5 },
    backlog: { series: [["Chunks", "--stored"]], least: 4 },
    streams: { series: [["Recording", "--good"], ["In trouble", "--bad"]], least: 4 },
};

export function open(root) {
    // A person may have left the page while this was on its way.
    if (!root) return { draw: () => {}, stop: () => {} };
    const plots = new Map();
    let shown = null;
    const restyle = () => { for (const plot of plots.values()) plot.destroy(); plots.clear(); if (shown) draw(shown); };
    const observer = new ResizeObserver(() => {
        for (const [key, plot] of plots) plot.setSize(sizeOf(area(key)));
    });
    observer.observe(root);
    document.body.addEventListener("themeChanged", restyle);

    const area = key => root.querySelector(`[data-plot=${key}]`);

    function draw(data) {
        const zoneChanged = shown && shown.utc !== data.utc;
        shown = data;
        if (zoneChanged) return restyle();
        for (const key of Object.keys(data.values)) {
            const rows = [data.times, ...data.values[key]];
            const plot = plots.get(key);
            if (plot) plot.setData(rows, false);
            else plots.set(key, new uPlot(options(key, area(key), data.utc), rows, area(key)));
            plots.get(key).batch(() => {
                plots.get(key).setScale("x", { min: data.from, max: data.to });
            });
        }
    }

    return {
        draw,
        stop: () => {
            observer.disconnect();
            document.body.removeEventListener("themeChanged", restyle);
            for (const plot of plots.values()) plot.destroy();
        }
    };
}

function sizeOf(element) { return { width: Math.max(200, element.clientWidth), height: 200 }; }

function options(key, element, utc) {
    const style = getComputedStyle(document.body);
    // A custom property may hold light-dark(): only a used colour is one that a canvas understands.
    const probe = element.appendChild(document.createElement("span"));
    const colour = name => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    const [text, grid] = [colour("--text-2"), colour("--line")];
    const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font: `12px ${style.fontFamily}` };
    const { series, least } = kinds[key];
    const lines = series.map(([label, name]) => ({
        label, stroke: colour(name), width: 2, spanGaps: false, points: { show: false },
        value: (_, v) => v === null || v === undefined ? "–" : String(Number(v.toPrecision(3)))
    }));
    probe.remove();
    return {
        ...sizeOf(element),
        tzDate: seconds => utc ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") : new Date(seconds * 1000),
        cursor: { sync: { key: "crispy" }, drag: { x: false, y: false } },
        scales: { x: { time: true, auto: false }, y: { range: (_, low, high) => [0, Math.max(high ?? 0, least) * 1.1] } },
        axes: [
            { ...axis, values: (plot, ticks) => ticks.map(tick => moment(tick, utc, plot.scales.x.max - plot.scales.x.min)) },
            { ...axis, size: 48 }
        ],
        series: [
            { label: "Time", value: (plot, v) => v === null ? "–" : moment(v, utc, plot.scales.x.max - plot.scales.x.min, true) },
            ...lines
        ],
    };
}

// As much of a moment as tells it from the others on an axis that is so many seconds long.
function moment(seconds, utc, length, fine) {
    const [day, hour] = [{ month: "short", day: "numeric" }, { hour: "2-digit", minute: "2-digit" }];
    const shown = length > 5 * 86400 && !fine ? day
        : length > 86400 ? { ...day, ...hour }
        : fine || length < 600 ? { ...hour, second: "2-digit" }
        : hour;
    return new Date(seconds * 1000).toLocaleString("en-GB", { ...shown, ...(utc ? { timeZone: "UTC" } : {}) });
}
