// Says in words what went wrong with a passkey, where allauth's scripts, which talk to the browser, say it on the console.
(() => {
  const said = (name) => {
    const box = document.querySelector("[data-passkey-said]");
    box.firstElementChild.textContent = box.dataset[name] ?? box.dataset.otherwise;
    box.hidden = false;
  };

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const { name } = event.detail.exception;
    said(name.charAt(0).toLowerCase() + name.slice(1));
  });

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("#passkey");
    // The credential comes first: Enter in the name, and the button itself, ask for it, and then the script sends the form.
    button.form.addEventListener("submit", (event) => event.preventDefault());
    button.disabled = !window.PublicKeyCredential;
    if (button.disabled) said("notSupported");
  });
})();
