import "./download.js";

// What no component owns: the colour scheme of the browser's own controls, and coming back after the connection was lost.
document.body.addEventListener("themeChanged", event => {
    document.documentElement.style.colorScheme = event.detail.isDark ? "dark" : "light";
});

const reconnect = document.getElementById("components-reconnect-modal");
reconnect?.addEventListener("components-reconnect-state-changed", event => {
    // The server no longer knows this page (it was restarted): load it again.
    if (event.detail.state === "rejected") location.reload();
});
