"use strict";

// "/" goes to the search field, as the hint in it says.
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("search");
  const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && search && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// An answer that left before the latest key was pressed never takes away what was typed: it is
// thrown away, and asked for again where nothing else asks.
let typed = 0;
document.addEventListener("input", () => { typed += 1; });
document.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.typedBefore = typed; });
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, target, xhr } = event.detail;
  if (xhr.typedBefore === typed || !target.closest("form")) return;
  event.detail.shouldSwap = false;
  if (elt.matches("select")) window.htmx.trigger(elt, "change");
});
