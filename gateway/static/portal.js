// Every page works without this file.
(function () {
  "use strict";
  var d = document;
  d.querySelectorAll("[data-print]").forEach(function (b) {
    b.hidden = false;
    b.addEventListener("click", function () { window.print(); });
  });
  // One press, one sending; from the history the page comes back usable.
  d.addEventListener("submit", function (e) {
    var f = e.target;
    if (f.dataset.sent) { e.preventDefault(); return; }
    f.dataset.sent = "1";
    window.addEventListener("pageshow", function () { delete f.dataset.sent; });
  });
  // What is typed goes too.
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
  // Quick exit: Escape three times within a second.
  var times = [];
  d.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") { return; }
    times = times.concat(e.timeStamp).slice(-3);
    if (times.length === 3 && times[2] - times[0] < 1000) { d.getElementById("leave").submit(); }
  });
  // Say that the session ends soon, then cover the page; its other pages prolong it,
  // a new sign-in ends it. Old browsers stop there.
  var soon = d.getElementById("ending"), over = d.getElementById("ended");
  if (over) {
    var since = Date.now(), mine = d.querySelector("[name=csrf]").value;
    var look = function () {
      var s = (Date.now() - since) / 1000, end = s >= over.dataset.after;
      soon.hidden = end || s < soon.dataset.after;
      d.body.classList.toggle("over", end);
      if (over.hidden === end) { over.hidden = !end; over.querySelector("a").focus(); }
    };
    setInterval(look, 1000);
    var tabs = new BroadcastChannel("safar");
    tabs.onmessage = function (e) { since = e.data === mine ? Date.now() : 0; look(); };
    tabs.postMessage(mine);
  }
})();
