// Renews the parts of a page that say where they come from, every three seconds while somebody looks.
// Written for old browsers too.
(function () {
  "use strict";
  var parts = document.querySelectorAll("[data-live]");
  for (var i = 0; i < parts.length; i += 1) {
    renew(parts[i]);
  }

  function renew(part) {
    var stale = document.getElementById("stale");
    var shown = null;
    var failures = 0;

    function later() {
      window.setTimeout(ask, 3000);
    }

    function failed() {
      failures += 1;
      if (failures >= 3 && stale) {
        stale.hidden = false;
      }
      later();
    }

    function each(act) {
      var all = part.querySelectorAll("details");
      for (var i = 0; i < all.length; i += 1) {
        act(all[i], all[i].getAttribute("data-key"));
      }
    }

    // What the keyboard is on: the how-manieth link, button or fold of the part.
    function reached() {
      return part.querySelectorAll("a[href], button, summary");
    }

    // New figures come in; what somebody is reading stays open, and the keyboard stays where it was.
    function show() {
      var open = {};
      var at = Array.prototype.indexOf.call(reached(), document.activeElement);
      var name = at < 0 ? "" : document.activeElement.textContent;
      each(function (details, key) {
        open[key] = details.open;
      });
      part.innerHTML = shown; // escaped by the server; the page's policy runs no script of it
      each(function (details, key) {
        details.open = open[key] === true;
      });
      if (at >= 0) {
        var all = reached();
        var same = all[at] && all[at].textContent === name ? all[at] : null;
        for (var i = 0; !same && i < all.length; i += 1) {
          same = all[i].textContent === name ? all[i] : null;
        }
        if (same) {
          same.focus();
        }
      }
    }

    function ask() {
      if (document.hidden) {
        later();
        return;
      }
      var request = new XMLHttpRequest();
      request.open("GET", part.getAttribute("data-live"));
      request.timeout = 5000;
      request.onload = function () {
        if (request.status === 401) {
          document.getElementById("over").hidden = false;
          return;
        }
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
  }
})();
