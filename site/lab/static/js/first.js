// Runs before all modules, and where they cannot run: says in words what is missing.

(function () {
  "use strict";
  var missing = "";
  if (location.protocol === "file:")
    missing =
      "This page was opened as a file, and browsers do not let a file start Python. Serve its folder instead: " +
      "run “make site-serve”, or “python -m http.server” in this folder, and open the address that it names.";
  else if (typeof WebAssembly !== "object")
    missing =
      "This browser has no WebAssembly, or it is switched off, and Python needs it. An up-to-date Firefox, Chrome, " +
      "Edge or Safari has it; some strict security settings take it away.";
  else if (typeof Worker !== "function" || !("noModule" in HTMLScriptElement.prototype))
    missing = "This browser is too old for Python. An up-to-date Firefox, Chrome, Edge or Safari can do it.";
  if (!missing) return;
  document.documentElement.dataset.missing = "yes"; // main.js then starts nothing
  document.getElementById("engine").hidden = true;
  var trouble = document.getElementById("trouble");
  trouble.textContent = missing;
  trouble.hidden = false;
})();
