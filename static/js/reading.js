// The small forms of what one reads answer in their place. Where that does not work out, such as for a form that has grown old,
// they are sent as forms are, and the page that comes says what is so, with all that was typed. Comfort only.
(() => {
  const said = () => document.querySelector("#said");
  const forms = "[data-reading], .placing, .mark form";
  let pressed = null;

  document.addEventListener("click", (event) => { pressed = event.target.closest("button[name]") ?? pressed; }, true);

  const sendPlainly = (form) => {
    if (pressed?.form === form) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name, value: pressed.value }));
    form.submit();
  };
  for (const fault of ["htmx:responseError", "htmx:sendError", "htmx:swapError"]) {
    document.addEventListener(fault, (event) => { if (event.detail.elt.matches(forms)) sendPlainly(event.detail.elt); });
  }

  // What a page that came anew would say is said by the part that takes the place of a form, and the focus stays there.
  document.addEventListener("htmx:afterSwap", ({ detail: { elt } }) => {
    if (!elt.dataset?.said) return;
    said().textContent = elt.dataset.said;
    if (document.activeElement === document.body) elt.focus();
  });
})();
