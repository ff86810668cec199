// Keys for a list of one's own: the next paper, how far one is with it, its note, away with it. Each presses a button that
// stands there, so that all of it also goes without. The keys are said on the page, and do nothing while somebody types.
(() => {
  const STATES = ["to_read", "reading", "read"];
  const NEXT = ["j", "ArrowDown"], PREVIOUS = ["k", "ArrowUp"];

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const here = () => document.activeElement?.closest("[data-row]");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const go = (row) => {
    if (!row) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest", behavior: still.matches ? "instant" : "smooth" });
  };
  const step = (by) => {
    const all = rows(), at = all.indexOf(here());
    go(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  const isTyping = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])") || target.isContentEditable;

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && here()) { go(here()); event.preventDefault(); }
      return;
    }
    const row = here();
    const press = (selector) => {
      const button = row?.querySelector(selector);
      if (!button) return;
      event.preventDefault();
      button.click();
    };
    if (event.key === "?") {
      const keys = document.querySelector("#keys");
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
      event.preventDefault();
    } else if (event.shiftKey && event.key === "ArrowUp") press("[data-up]");
    else if (event.shiftKey && event.key === "ArrowDown") press("[data-down]");
    else if (event.shiftKey) return;
    else if (NEXT.includes(event.key)) { event.preventDefault(); step(1); }
    else if (PREVIOUS.includes(event.key)) { event.preventDefault(); step(-1); }
    else if (STATES[event.key - 1]) press(`[name=state][value=${STATES[event.key - 1]}]`);
    else if (event.key === "x") press("[data-off], [name=act][value=forget]");
    else if (event.key === "Enter" && event.target === row) row.querySelector("h3 a")?.click();
    else if (event.key === "n" && row) {
      event.preventDefault();
      const note = row.querySelector("textarea");
      note.closest("details").open = true;
      note.focus();
    }
  });

  // A list that was drawn anew: on the same paper or, where that has gone, on the one that took its place.
  let left = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = here() ?? event.detail.elt.closest("[data-row]");
    left = row && { id: row.id, place: rows().indexOf(row), focused: document.activeElement.id };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!left) return;
    const { id, place, focused } = left;
    left = null;
    if (here()) return;
    const row = document.getElementById(id) ?? rows()[Math.min(place, rows().length - 1)];
    const button = focused && document.getElementById(focused);
    if (button) button.focus();
    else if (row) go(row);
    else document.querySelector("#places, main")?.focus();
  });
})();
