"use strict";
// Runs in Locust's web UI, before it: adds a tab that shows the page /loadgate, and a link to the
// page where there are no tabs, as before the start.
(() => {
  const NAME = "loadgate";
  const settings = window.templateArgs; // since 2.22; what is served at / has no tabs of others
  if (settings) {
    const told = { key: NAME, title: "The verdict is at /loadgate." }; // if it cannot be shown here
    settings.extended_tabs = [...(settings.extended_tabs ?? []), { key: NAME, title: NAME }];
    settings.extended_tables = [...(settings.extended_tables ?? []), { key: NAME, structure: [told] }];
  }

  const link = document.createElement("a");
  link.href = NAME;
  link.target = NAME;
  link.textContent = "loadgate: what the run is judged by";
  Object.assign(link.style, {
    position: "fixed",
    bottom: "8px",
    left: "12px",
    zIndex: "1000",
    padding: "4px 12px",
    borderRadius: "16px",
    background: "#15803d",
    color: "#fff",
    font: "14px/20px system-ui, sans-serif",
    textDecoration: "none",
  });

  function frame() {
    const made = document.createElement("iframe");
    made.src = NAME;
    made.title = "loadgate";
    Object.assign(made.style, { display: "block", width: "100%", height: "60vh", border: "0" });
    made.addEventListener("load", () => {
      const body = made.contentDocument?.body;
      if (!body) return; // a login of somebody else's
      const fit = () => { made.style.height = `${body.offsetHeight}px`; };
      new ResizeObserver(fit).observe(body);
    });
    return made;
  }

  function fill() {
    const table = document.querySelector(`th[data-sortkey="${NAME}"]`)?.closest("table");
    if (table && !table.nextElementSibling) {
      table.style.display = "none";
      table.after(frame());
    }
    link.hidden = document.querySelector('[role="tab"]') !== null;
  }

  document.body.append(link);
  new MutationObserver(fill).observe(document.body, { childList: true, subtree: true });
})();
