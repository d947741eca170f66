// Progressive only: every page works without this file.
(function () {
  "use strict";
  var d = document;
  d.querySelectorAll("[data-print]").forEach(function (b) {
    b.hidden = false;
    b.addEventListener("click", function () { window.print(); });
  });
  // One press, one sending; the page comes back usable from the history.
  d.addEventListener("submit", function (e) {
    var f = e.target;
    if (f.dataset.sent) { e.preventDefault(); return; }
    f.dataset.sent = "1";
    window.addEventListener("pageshow", function () { delete f.dataset.sent; });
  });
  // Two minutes before the session ends, say so where a screen reader hears it.
  var n = d.getElementById("ending");
  if (n) {
    window.setTimeout(function () { n.hidden = false; }, (Number(n.dataset.after) || 780) * 1000);
  }
  // Another language, or staying signed in: what is typed goes along.
  var k = d.querySelector("form[data-keeps]");
  if (k) {
    d.addEventListener("click", function (e) {
      var a = e.target.closest("[data-go]"), i = d.createElement("input");
      if (!a) { return; }
      e.preventDefault();
      i.type = "hidden"; i.name = "go"; i.value = a.dataset.go;
      k.appendChild(i);
      k.submit();
    });
  }
  // The same as quick exit: Escape three times within a second.
  var times = [];
  d.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") { return; }
    times = times.concat(e.timeStamp).slice(-3);
    if (times.length === 3 && times[2] - times[0] < 1000) { d.getElementById("leave").submit(); }
  });
})();
