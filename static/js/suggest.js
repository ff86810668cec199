// Pages that may be meant, while words are typed into a search field: an editable combobox with a list (WAI-ARIA 1.2).
// A field that says in data-suggest whom to ask is one. Comfort only: without this file it is a field of a form.
(() => {
  const PAUSE = 150, LEAST = 2;
  const said = document.querySelector("#said");
  let field = null, list = null, here = -1, waiting = 0, asked = new AbortController();

  const isField = (element) => element.matches?.("[data-suggest]");

  const forget = () => { clearTimeout(waiting); asked.abort(); };
  const close = () => {
    forget();
    if (!list) return;
    list.remove();
    list = null;
    field.ariaExpanded = "false";
    for (const name of ["aria-controls", "aria-activedescendant"]) field.removeAttribute(name);
    said.textContent = "";
  };
  const open = (found) => {
    close();
    if (!found) return;
    list = found;
    here = -1;
    field.closest(".search").append(list);
    field.ariaExpanded = "true";
    field.setAttribute("aria-controls", list.id);
    said.textContent = list.dataset.said;
  };
  // No option is chosen at -1: the words themselves are.
  const choose = (place) => {
    if (list.children[here]) list.children[here].ariaSelected = "false";
    here = place;
    const option = list.children[here];
    if (!option) { field.removeAttribute("aria-activedescendant"); return; }
    option.ariaSelected = "true";
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };

  const ask = async () => {
    forget();
    if (field.value.trim().length < LEAST) { close(); return; }
    const { signal } = asked = new AbortController();
    try {
      const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: field.value })}`, { signal });
      const html = answer.ok ? await answer.text() : "";
      open(new DOMParser().parseFromString(html, "text/html").body.firstElementChild);
    } catch { if (!signal.aborted) close(); }
  };
  const typed = (event) => {
    if (!isField(event.target)) return;
    forget();
    field = event.target;
    if (list) choose(-1);
    if (!event.isComposing) waiting = setTimeout(ask, PAUSE);
  };

  const press = (event) => {
    const { key, target } = event;
    if (!isField(target) || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!list) {
      if (key === "ArrowDown") { field = target; ask(); }
      if (key === "Escape") forget();
      return;
    }
    const last = list.children.length - 1;
    const places = { ArrowDown: here < last ? here + 1 : -1, ArrowUp: here < 0 ? last : here - 1 };
    // Among the words these two move the caret.
    if (here >= 0) Object.assign(places, { Home: 0, End: last });
    if (key in places) choose(places[key]);
    else if (key === "Escape") close();
    else if (key === "Enter" && here >= 0) list.children[here].click();
    else return;
    event.preventDefault();
  };

  document.addEventListener("input", typed);
  document.addEventListener("compositionend", typed);
  document.addEventListener("keydown", press);
  document.addEventListener("mousedown", (event) => { if (list?.contains(event.target)) event.preventDefault(); });
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  document.addEventListener("submit", close, { capture: true });
  addEventListener("pagehide", close);
})();
