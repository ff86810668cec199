// The desk by keyboard. Every key stands for a link or a button that is on the page; the list is in keys.html.
//
// data-key      a link is followed, a summary opened, a button or field gets the focus, so that Enter is the act. A button
//               named verdict first chooses a reason that fits it; one against leads to the words, where Ctrl+Enter presses it.
// data-reasons  on a select: the id of the field for words. Its options say in data-verdict what they are for, in data-text
//               the words to begin with.
// data-continues  a form that goes on by itself; without script by its button.
(() => {
  const WIDE = "(width >= 60rem)";
  const isField = (element) => element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]");

  addEventListener("DOMContentLoaded", () => {
    document.querySelector("form[data-continues]")?.requestSubmit();
    const keys = document.querySelector("#keys");
    const rows = [...document.querySelectorAll("#bulk tbody tr")];
    const selects = [...document.querySelectorAll("select[data-reasons]")];
    let verdict = null;

    if (keys && matchMedia(WIDE).matches) keys.open = true;

    // -- Rows of the queue
    const here = () => rows.findIndex((row) => row.ariaCurrent === "true");
    const goTo = (place) => {
      const row = rows[Math.max(0, Math.min(rows.length - 1, place))];
      if (!row) return;
      for (const other of rows) other.ariaCurrent = other === row ? "true" : null;
      row.querySelector("a").focus();
      row.scrollIntoView({ block: "nearest" });
    };
    for (const [place, row] of rows.entries()) row.addEventListener("focusin", () => { if (here() !== place) for (const other of rows) other.ariaCurrent = other === row ? "true" : null; });

    const boxes = [...document.querySelectorAll("input[data-selects-one]")];
    const all = document.querySelector("input[data-selects-all]");
    const count = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      for (const said of document.querySelectorAll("[data-selected]")) said.textContent = chosen;
      if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
    };
    all?.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
    for (const box of boxes) box.addEventListener("change", count);
    addEventListener("pageshow", count);
    count();

    // -- Reasons and words
    const fieldOf = (select) => document.getElementById(select.dataset.reasons);
    // Words that came with a reason go with it; words of one's own stay.
    const putWords = (select) => {
      const field = fieldOf(select), option = select.selectedOptions[0];
      if (!field || (field.value.trim() && field.value !== field.dataset.canned)) return;
      field.value = field.dataset.canned = option?.dataset.text || "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    for (const select of selects) {
      const field = fieldOf(select), begun = select.selectedOptions[0]?.dataset.text;
      if (field && begun && field.value === begun) field.dataset.canned = begun;
      select.addEventListener("change", () => putWords(select));
    }

    const beginVerdict = (button) => {
      verdict = button;
      const select = selects.find((each) => each.form === button.form);
      if (!select) { button.focus(); return; }
      const fits = (option) => option.dataset.verdict === button.value;
      // No reason at all is a choice, too, where the list has it.
      if (select.value && !fits(select.selectedOptions[0])) select.value = [...select.options].find(fits)?.value ?? select.value;
      putWords(select);
      if (button.value === "approve") { button.focus(); return; }
      const field = fieldOf(select);
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
    };

    const act = (part) => {
      if (part.matches("a[href]")) part.click();
      else if (part.matches("button[name=verdict]")) beginVerdict(part);
      else if (part.matches("summary")) { part.parentElement.open = true; (part.parentElement.querySelector("input:not([type=hidden]), textarea, select, button") ?? part).focus(); }
      else part.focus();
    };

    document.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const target = event.target;
      if (isField(target)) {
        if (event.key === "Escape") target.blur();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && verdict && target.form === verdict.form) { event.preventDefault(); verdict.form.requestSubmit(verdict); }
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?" && keys) { event.preventDefault(); keys.open = true; keys.querySelector("summary").focus(); return; }
      if (rows.length && "jkx".includes(event.key)) {
        event.preventDefault();
        if (event.key === "x") rows[here()]?.querySelector("input[data-selects-one]")?.click();
        else goTo(here() + (event.key === "j" ? 1 : -1));
        return;
      }
      const part = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (part) { event.preventDefault(); act(part); }
    });
  });
})();
