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

  // New figures come in, and what somebody is reading stays open.
  function show() {
    var open = {};
    var at = document.activeElement.parentNode;
    var focused = at && at.getAttribute ? at.getAttribute("data-key") : null;
    each(function (details, key) {
      open[key] = details.open;
    });
    board.innerHTML = shown; // escaped by the server; the page's policy runs no script of it
    each(function (details, key) {
      details.open = open[key] === true;
      if (key === focused) {
        details.querySelector("summary").focus();
      }
    });
  }

  function each(act) {
    var all = board.querySelectorAll("details");
    for (var i = 0; i < all.length; i += 1) {
      act(all[i], all[i].getAttribute("data-key"));
    }
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
      if (request.responseText !== shown) {
        shown = request.responseText;
        show();
      }
      later();
    };
    request.onerror = failed;
    request.ontimeout = failed;
    request.send();
  }

  later();
})();
