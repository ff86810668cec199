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

  // What was announced by a page that came anew is said by a part that takes its place.
  document.addEventListener("htmx:afterSwap", (event) => {
    const words = event.detail.elt.dataset?.said;
    if (words) said().textContent = words;
  });
})();
