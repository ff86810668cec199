// A button that prints the page. Comfort only: the browser's own menu does the same.
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
