// Comforts only: every page is complete without this file.
(() => {
  const root = document.documentElement;
  let store = { getItem() {}, setItem() {}, removeItem() {} };
  try { store = window.localStorage; } catch { /* storage refused: the choice lasts for this page */ }
  const theme = store.getItem("theme");
  if (theme) root.dataset.theme = theme;
  root.dataset.script = "";
  if (store.getItem("density") && !location.search.includes("density=full")) root.dataset.density = "compact";

  // What few turn to comes when they do, and hears then what was typed or changed there meanwhile.
  const bring = (src, to, ...events) => {
    const script = Object.assign(document.createElement("script"), { src });
    let isHere = false, missed = null;
    script.addEventListener("load", () => { isHere = true; missed?.(); });
    const turned = ({ target, type, isComposing }) => {
      if (isHere || !target.closest?.(to)) return;
      if (events.includes(type)) missed = () => target.dispatchEvent(new InputEvent(type, { bubbles: true, isComposing }));
      const fetch = () => { if (!script.isConnected) document.head.append(script); };
      if (document.readyState === "complete") fetch();
      else addEventListener("load", fetch, { once: true });
    };
    for (const turn of ["pointerover", "focusin", ...events]) document.addEventListener(turn, turned);
  };
  const { htmx, suggest } = document.currentScript.dataset;
  bring(htmx, "[hx-get], [hx-post]", "change");
  bring(suggest, "input[data-suggest]", "input", "compositionend");
  // A page that was drawn without it cannot go back to what htmx put into it before.
  addEventListener("popstate", () => { if (!window.htmx && history.state?.htmx) location.reload(); });

  addEventListener("DOMContentLoaded", () => {
    const show = (part) => {
      for (const box of part.querySelectorAll("[data-needs-script]")) box.hidden = false;
      for (const link of part.querySelectorAll("[data-abstract]")) Object.assign(link, { role: "button", ariaExpanded: "false" });
      for (const field of part.querySelectorAll("input[data-suggest]")) Object.assign(field, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false", autocomplete: "off" });
      const compact = part.querySelector("#d-compact");
      if (compact && root.dataset.density) compact.checked = true;
    };
    show(document);
    document.addEventListener("htmx:load", (event) => show(event.target));

    for (const radio of document.querySelectorAll("input[name=theme]")) {
      radio.checked = radio.value === (theme || "");
      radio.addEventListener("change", () => {
        if (radio.value) { root.dataset.theme = radio.value; store.setItem("theme", radio.value); }
        else { delete root.dataset.theme; store.removeItem("theme"); }
      });
    }

    document.addEventListener("change", ({ target }) => {
      if (target.name !== "density") return;
      if (target.value === "compact") { root.dataset.density = target.value; store.setItem("density", target.value); }
      else { delete root.dataset.density; store.removeItem("density"); }
    });

    // Under its entry instead of on the page that the link leads to.
    const openAbstract = async (link) => {
      const shown = link.closest(".entry").querySelector(".abstract");
      if (shown) { shown.hidden = !shown.hidden; link.ariaExpanded = String(!shown.hidden); return; }
      if (link.ariaBusy) return;
      link.ariaBusy = "true";
      const { pathname, searchParams } = new URL(link.href), words = searchParams.get("q");
      try {
        const answer = await fetch(`${pathname}abstract/${words ? `?${new URLSearchParams({ q: words })}` : ""}`);
        if (!answer.ok) throw new Error(answer.statusText);
        link.closest(".entry").append(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".abstract"));
        link.ariaExpanded = "true";
      } catch { location.assign(link.href); }
      link.ariaBusy = null;
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-abstract]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      openAbstract(link);
    });

    const toCopy = async (button) => {
      if (button.dataset.copyFrom) {
        const answer = await fetch(button.dataset.copyFrom);
        if (!answer.ok) throw new Error(answer.statusText);
        return (await answer.text()).replace(/^%.*\n+/gm, "");
      }
      return button.dataset.copy || [...button.closest(".cite").querySelectorAll("pre")].find((pre) => pre.offsetParent).textContent;
    };
    const said = document.querySelector("#said");
    for (const turn of ["click", "focusin"]) document.addEventListener(turn, ({ target }) => {
      for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
    });
    document.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-copy], [data-copy-from]");
      if (!button) return;
      const label = button.querySelector("span");
      const text = toCopy(button).then((text) => new Blob([text.trim()], { type: "text/plain" }));
      try { await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]); said.textContent = said.dataset.copied; } catch { said.textContent = said.dataset.notCopied; }
      const before = label.textContent;
      label.textContent = said.textContent;
      setTimeout(() => { label.textContent = before; said.textContent = ""; }, 1600);
    });

    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        const open = document.querySelector("details.menu[open]");
        if (open) { open.open = false; open.querySelector("summary").focus(); }
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.target.matches("input, textarea, select")) return;
      if (event.key === " " && event.target.matches("[data-abstract]")) { event.preventDefault(); event.target.click(); }
      if (event.key === "/") { const field = document.querySelector("input[type=search]"); if (field) { event.preventDefault(); field.focus(); } }
    });
  });
})();
