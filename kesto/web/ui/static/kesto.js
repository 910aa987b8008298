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

// What was typed into a form and not sent is asked about before the page is left; a form that the
// server keeps is not.
const touched = new Set();
const asks = (form) => form && form.method === "post" && !("kept" in form.dataset);
const leaving = (event) => {
  if ([...touched].some((form) => form.isConnected)) event.preventDefault();
};
const touch = (form) => {
  if (!asks(form)) return;
  if (!touched.size) window.addEventListener("beforeunload", leaving);
  touched.add(form);
};
document.addEventListener("input", (event) => touch(event.target.form));
document.addEventListener("submit", (event) => touched.delete(event.target));
document.querySelectorAll("form [aria-invalid='true']").forEach((field) => touch(field.form));
