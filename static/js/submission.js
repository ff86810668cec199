// Comforts of the submission form: names and categories as chips, a new link row without a reload, a counter.
// The fields themselves stay in the page and are what is sent.
(() => {
  const CROSS = "m4 4 8 8M12 4l-8 8";
  const MOST_CHIPS = 40;

  const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

  const chip = (text, label, remove) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ class: "ico", viewBox: "0 0 16 16", "aria-hidden": "true" })) svg.setAttribute(name, value);
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.firstChild.setAttribute("d", CROSS);
    const button = make("button", { type: "button" });
    button.setAttribute("aria-label", `${label} ${text}`);
    button.append(svg);
    button.addEventListener("click", remove);
    const span = make("span", { className: "chip" });
    span.append(Object.assign(make("bdi"), { textContent: text }), button);
    return span;
  };

  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  // A box of chips with a field at its end. `list` says what is chosen, `add` and `remove` change it; `word` is “Remove”.
  const picks = ({ host, id, placeholder, word, list, add, remove }) => {
    const box = make("div", { className: "picks" });
    const field = make("input", { type: "text", id, placeholder, autocomplete: "off" });
    const draw = () => {
      for (const old of box.querySelectorAll(".chip")) old.remove();
      for (const item of list()) field.before(chip(item.text, word, () => { remove(item); draw(); field.focus(); }));
    };
    const take = () => {
      const text = field.value.trim();
      if (text && add(text)) { field.value = ""; draw(); }
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); take(); }
      else if (event.key === "Backspace" && !field.value && list().length) { remove(list().at(-1)); draw(); }
    });
    field.addEventListener("change", take);
    host.closest("form").addEventListener("submit", take);
    host.closest("form").addEventListener("putback", draw);
    box.append(field);
    host.after(box);
    draw();
    return { box, field, draw, take };
  };

  const nameChips = (host) => {
    const area = host.querySelector("textarea");
    const names = () => area.value.split("\n").map((name) => name.trim()).filter(Boolean);
    if (names().length > MOST_CHIPS) return;
    const write = (list) => { area.value = list.join("\n"); changed(area); };
    const id = area.id;
    area.removeAttribute("id");
    const { field } = picks({
      host, id, placeholder: host.dataset.add, word: host.dataset.remove,
      list: () => names().map((text, place) => ({ text, place })),
      add: (text) => { write([...names(), text]); return true; },
      remove: ({ place }) => write(names().filter((_name, other) => other !== place)),
    });
    for (const name of ["aria-invalid", "aria-describedby"]) if (area.hasAttribute(name)) field.setAttribute(name, area.getAttribute(name));
    field.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text");
      if (!text.includes("\n")) return;
      event.preventDefault();
      field.value = text;
      for (const line of text.split("\n").map((each) => each.trim()).filter(Boolean)) { field.value = line; field.dispatchEvent(new Event("change")); }
    });
    host.hidden = true;
    document.getElementById(`${id}_helptext`).hidden = true;
  };

  const categoryChips = (tree) => {
    const boxes = [...tree.querySelectorAll("input[type=checkbox]")];
    const name = (box) => box.parentElement.querySelector("span:last-child").textContent;
    const known = (text) => boxes.find((box) => name(box).toLowerCase() === text.toLowerCase());
    const { field } = picks({
      host: tree.querySelector(".facets"), id: "category", placeholder: tree.dataset.add, word: tree.dataset.remove,
      list: () => boxes.filter((box) => box.checked).map((box) => ({ text: name(box), box })),
      add: (text) => { const box = known(text); if (box) { box.checked = true; changed(box); } return Boolean(box); },
      remove: ({ box }) => { box.checked = false; changed(box); },
    });
    const choices = make("datalist", { id: "categories" });
    choices.append(...boxes.map((box) => make("option", { value: name(box) })));
    field.after(choices);
    field.setAttribute("list", "categories");
    field.setAttribute("aria-label", tree.dataset.add);
    field.addEventListener("input", () => { if (known(field.value)) field.dispatchEvent(new Event("change")); });
    tree.querySelector(".facets").hidden = true;
  };

  const anotherLink = (button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    const end = document.querySelector("#links_end");
    const number = document.querySelectorAll("[name=link_url]").length + 1;
    const [url, kind] = [end.previousElementSibling.previousElementSibling, end.previousElementSibling].map((part) => part.cloneNode(true));
    for (const [part, id] of [[url, `id_links_${number}`], [kind, `link_kind_${number}`]]) {
      const control = part.querySelector("input, select");
      for (const attribute of ["aria-invalid", "aria-describedby", "autofocus"]) control.removeAttribute(attribute);
      if (control.matches("select")) control.value = "paper";
      control.id = part.querySelector("label").htmlFor = id;
      end.before(part);
    }
    url.querySelector("label").textContent = `${url.querySelector("label").firstChild.textContent.replace(/ \d+$/, "").trim()} ${number}`;
    const field = url.querySelector("input");
    field.value = "";
    field.focus();
  });

  const counter = (said) => {
    const field = document.getElementById(said.dataset.counts);
    const count = () => { said.textContent = `${[...field.value].length} ${said.dataset.words}`; };
    field.addEventListener("input", count);
    count();
  };

  addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-names]").forEach(nameChips);
    document.querySelectorAll("[data-tree]").forEach(categoryChips);
    document.querySelectorAll("[value=add_link]").forEach(anotherLink);
    document.querySelectorAll("[data-counts]").forEach(counter);
  });
})();
