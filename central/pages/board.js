// Renews the board every two seconds while somebody looks. Written for old browsers too.
(function () {
  "use strict";
  var board = document.getElementById("board");
  var stale = document.getElementById("stale");
  var shown = null;
  var failures = 0;

  function later() {
    window.setTimeout(ask, 2000);
  }

  function failed() {
    failures += 1;
    if (failures >= 3) {
      stale.hidden = false;
    }
    later();
  }

  function ask() {
    if (document.hidden) {
      later();
      return;
    }
    var request = new XMLHttpRequest();
    request.open("GET", board.getAttribute("data-source"));
    request.timeout = 5000;
    request.onload = function () {
      if (request.status !== 200) {
        failed();
        return;
      }
      failures = 0;
      stale.hidden = true;
      // An open <details> is being read: leave it in peace.
      if (request.responseText !== shown && !board.querySelector("details[open]")) {
        shown = request.responseText;
        board.innerHTML = shown; // escaped by the server; the page's policy runs no script of it
      }
      later();
    };
    request.onerror = failed;
    request.ontimeout = failed;
    request.send();
  }

  later();
})();
