// What was typed into a form and not sent, kept in this browser for the one who typed it: under the username and the
// address, as strings. Offered back, never put back unasked; forgotten when the form is sent. Comfort only.
(() => {
  const NOT_KEPT = ["csrfmiddlewaretoken", "token", "version", "revision", "asked", "act"];
  const PAUSE = 400;

  let store = null;
  try { store = window.localStorage; } catch { /* storage refused: nothing is kept */ }

  const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.includes(name));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const draft = () => new URLSearchParams(location.search).get("draft") || "";

  const putBack = (form, kept) => {
    const values = Map.groupBy(kept, ([name]) => name);
    const rows = values.get("link_url")?.length ?? 0;
    const more = form.querySelector("[value=add_link]");
    while (more && form.querySelectorAll("[name=link_url]").length < rows) more.click();
    const place = {};
    for (const control of form.elements) {
      if (!control.name || NOT_KEPT.includes(control.name) || control.type === "hidden" || control.type === "submit") continue;
      const typed = (values.get(control.name) ?? []).map(([_name, value]) => value);
      if (control.type === "checkbox" || control.type === "radio") control.checked = typed.includes(control.value);
      else control.value = typed[(place[control.name] = (place[control.name] ?? -1) + 1)] ?? "";
    }
    for (const details of form.querySelectorAll("details")) details.open = true;
    form.dispatchEvent(new Event("putback"));
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const keep = (form) => {
    const key = `kept ${form.dataset.keeps} ${location.pathname} ${draft()}`.trim();
    const note = form.querySelector("[data-kept]");
    const atFirst = fieldsOf(form);
    const kept = read(key);
    const forget = () => { store.removeItem(key); note.hidden = true; };

    if (kept && Array.isArray(kept.fields) && !same(kept.fields, atFirst)) {
      const said = note.querySelector("[data-kept-said]");
      const time = new Date(kept.at).toLocaleString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", day: "numeric", month: "short" });
      said.textContent = said.dataset.keptSaid.replace("{time}", time);
      note.hidden = false;
    }
    note.querySelector("[data-put-back]").addEventListener("click", () => { note.hidden = true; putBack(form, kept.fields); form.querySelector("textarea, input:not([type=hidden])").focus(); });
    note.querySelector("[data-forget]").addEventListener("click", forget);

    let waiting = 0;
    const write = () => {
      const fields = fieldsOf(form);
      // Too much for this browser: the form itself still has it.
      try { if (!same(fields, atFirst)) store.setItem(key, JSON.stringify({ at: Date.now(), fields })); } catch { /* nothing is kept */ }
    };
    form.addEventListener("input", () => { clearTimeout(waiting); if (note.hidden) waiting = setTimeout(write, PAUSE); });
    form.addEventListener("submit", () => { clearTimeout(waiting); forget(); });
  };

  addEventListener("DOMContentLoaded", () => {
    if (store) document.querySelectorAll("form[data-keeps]").forEach(keep);
  });
})();
