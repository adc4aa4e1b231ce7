// Opened as files, pages may not read each other: the search then lists titles alone.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// What the search quotes is the text of a page, without its menus and the source of its formulas.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  Search.htmlToText = (source, anchor) => {
    const page = new DOMParser().parseFromString(source, "text/html");
    page.querySelectorAll(".headerlink, .math, script, style").forEach((part) => part.remove());
    const part = (anchor && page.getElementById(anchor.slice(1))) || page.querySelector("article.bd-article");
    return part.textContent.replace(/\s+/g, " ").trim();
  };
});

// On paper: light, and with all that a click would unfold, but checks and preparations, which are code alone.
const onScreen = { folds: [], theme: "" };
addEventListener("beforeprint", () => {
  const folds = [...document.querySelectorAll("article details:not([open])")];
  onScreen.folds = folds.filter((fold) => !fold.matches(".cell:not(.prediction) > .above-input"));
  onScreen.folds.forEach((fold) => { fold.open = true; });
  onScreen.theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  onScreen.folds.forEach((fold) => { fold.open = false; });
  document.documentElement.dataset.theme = onScreen.theme;
});
