// Shows what the page needs if its scripts cannot run in this browser. In ECMAScript 5, which every browser can run.
// deno-lint-ignore-file no-var
(function () {
  var hasFailed = !("noModule" in document.createElement("script"));

  function tell() {
    // It is inside the element that the page renders into, so it is gone when the page has started.
    var sentence = document.getElementById("needs");
    if (sentence && hasFailed) sentence.hidden = false;
  }

  // Also for syntax that the browser does not know.
  addEventListener("error", function () {
    hasFailed = true;
    tell();
  });
  document.addEventListener("DOMContentLoaded", tell);
})();
